//! `.env` files in, variables and problems out. The expected values are what python-dotenv 1.2.4 gives.

use proptest::prelude::*;

use super::*;

fn environment(name: &str) -> Option<String> {
    match name {
        "HOST" => Some("elsewhere".to_owned()),
        "BOTH" => Some("of the environment".to_owned()),
        _ => None,
    }
}

/// `NAME=value` for each variable, `NAME` for one without a value, `line: problem` for each problem.
fn shown(bytes: &[u8]) -> Vec<String> {
    let file = read(bytes, &environment);
    let variables = file.variables.iter().map(|variable| match &variable.value {
        Some(value) => format!("{}={value}", variable.name),
        None => variable.name.clone(),
    });
    let problems = file.problems.iter();
    let problems = problems.map(|problem| format!("{}: {}", problem.line, problem.what));
    variables.chain(problems).collect()
}

#[test]
fn values_are_read_as_python_dotenv_reads_them() {
    let check =
        |text: &str, expected: &[&str]| assert_eq!(shown(text.as_bytes()), expected, "{text:?}");
    check("A=b", &["A=b"]);
    check("\u{feff}A=b\r\nB=c\rC=d", &["A=b", "B=c", "C=d"]);
    check("export A=b\n  export\tB = c \n", &["A=b", "B=c"]);
    check("export=b\nexport", &["export=b", "export"]);
    check("A=\nB= \nC\nD=''\n", &["A=", "B=", "C", "D="]);
    check(
        "# A=b\n  # c\nA=b # c\nB=b#c\nC= # c\nD=#c\n",
        &["A=b", "B=b#c", "C=", "D=#c"],
    );
    check("A=b c  d\t# e\nB=a=b\n", &["A=b c  d", "B=a=b"]);
    check("A='b # c' # d\nB=\"x\"#y\n", &["A=b # c", "B=x"]);
    check(r"A='it\'s \\ \n'", &[r"A=it's \ \n"]);
    check(r#"A="say \"x\"\t\q""#, &["A=say \"x\"\t\\q"]);
    check(
        "A=\"one\r\ntwo\"\nB='three\n\nfour'\n",
        &["A=one\ntwo", "B=three\n\nfour"],
    );
    check("'a b' = c\n", &["a b=c"]);
    check("A=b\nA=c\n", &["A=b", "A=c"]);
    check("A=ä€ \u{a0}\n", &["A=ä€"]);
}

#[test]
fn references_go_by_the_lines_above_then_by_the_environment() {
    let check =
        |text: &str, expected: &[&str]| assert_eq!(shown(text.as_bytes()), expected, "{text:?}");
    check(
        "A=b\nB=${A}c\nC='${A}'\nD=$A\n",
        &["A=b", "B=bc", "C=b", "D=$A"],
    );
    check(
        "A=${HOST}\nB=${NOBODY:-x y}\nC=${NOBODY}\n",
        &["A=elsewhere", "B=x y", "C="],
    );
    check(
        "BOTH=of the file\nA=${BOTH}\n",
        &["BOTH=of the file", "A=of the file"],
    );
    check("A=${BOTH}\nBOTH=b\n", &["A=of the environment", "BOTH=b"]);
    check("A\nB=${A:-c}\n", &["A", "B="]);
    check(
        "A=${A:x}\nB=${HOST\nC=${HOST:-${NOBODY:-d}}\n",
        &["A=${A:x}", "B=${HOST", "C=elsewhere}"],
    );
}

#[test]
fn what_cannot_be_understood_is_left_out_and_told() {
    let check = |bytes: &[u8], expected: &[&str]| assert_eq!(shown(bytes), expected);
    check(
        b"A=b\n=c\nB='d\n",
        &[
            "A=b",
            "2: there is no name before `=`",
            "3: the quotation marks around the value don't close",
        ],
    );
    check(
        b"A B\n\nC=\"d\" e\nD=f\n",
        &[
            "D=f",
            "1: text follows where the line should end",
            "3: text follows where the line should end",
        ],
    );
    check(
        b"A=b\nB=\xff\nC=\"d\n\xfe\"\nD=e\n",
        &["A=b", "D=e", "2: it is no UTF-8", "3: it is no UTF-8"],
    );
    check(
        b"\xff\xfeA\0=\0b\0",
        &["1: the file is UTF-16; save it as UTF-8"],
    );
}

#[test]
fn values_that_double_with_each_line_are_refused() {
    let file = format!("A=xxxx\n{}", "A=${A}${A}\n".repeat(5000));
    let read = read(file.as_bytes(), &environment);
    let longest = read
        .variables
        .iter()
        .filter_map(|variable| variable.value.as_ref());
    assert!(longest.map(String::len).max() <= Some(MAX_VALUE_BYTES));
    assert!(read.problems.len() > 4900, "{}", read.problems.len());
}

#[test]
fn a_value_is_in_no_description_of_a_file() {
    let file = read(b"KEY=sesame\nBAD='sesame\n", &environment);
    assert!(!format!("{file:?}").contains("sesame"), "{file:?}");
}

fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
}

proptest! {
    #[test]
    fn any_bytes_give_variables_or_problems_on_lines_of_the_file(bytes: Vec<u8>) {
        let lines = 1 + bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count();
        let file = read(&bytes, &environment);
        let places = file.variables.iter().map(|variable| variable.line);
        let places = places.chain(file.problems.iter().map(|problem| problem.line));
        for line in places {
            prop_assert!((1..=lines).contains(&line));
        }
    }

    #[test]
    fn what_is_quoted_comes_back(values in prop::collection::vec("[^$\r]{0,20}", 0..8)) {
        let lines = values.iter().enumerate();
        let text: String = lines.map(|(at, value)| format!("V{at}={} # c\n", quoted(value))).collect();
        let file = read(text.as_bytes(), &environment);
        let read: Vec<_> = file.variables.into_iter().filter_map(|variable| variable.value).collect();
        prop_assert_eq!(read, values);
        prop_assert_eq!(file.problems, []);
    }

    #[test]
    fn broken_lines_cost_nothing_of_the_others(
        // Without quotation marks: one that isn't closed can close in a later line.
        lines in prop::collection::vec("[A-C =#\\\\${}:-]{0,12}", 0..8)
    ) {
        let one_by_one: Vec<String> = lines.iter().flat_map(|line| {
            read(line.as_bytes(), &|_| None).variables.into_iter().map(|variable| variable.name)
        }).collect();
        let together = read(lines.join("\n").as_bytes(), &|_| None);
        let names: Vec<String> = together.variables.into_iter().map(|variable| variable.name).collect();
        prop_assert_eq!(names, one_by_one);
    }
}
