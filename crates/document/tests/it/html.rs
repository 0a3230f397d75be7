//! Pages of the web.

use document::DocumentKind;

use crate::read;

#[test]
fn headings_anchors_and_tables_are_read_and_scripts_are_not() {
    let page = "<!doctype html><html><head><title>The &amp; mill</title><style>p{}</style></head><body>\
        <script>alert('no')</script><h1>Mill</h1><p>It grinds <b>rye</b> and <a href=\"/x\">wheat</a>.</p>\
        <h2 id=\"opening\">Opening hours</h2><table><tr><th>Day</th><th>From</th></tr><tr><td>Monday</td><td>seven</td>\
        </tr></table><ul><li>closed in March</li></ul>\n<h2 id=\"way\">The way</h2>\n\
        <p>Along the brook.</p></body></html>";
    let read = read(DocumentKind::Html, page.as_bytes());
    assert_eq!(read.title.as_deref(), Some("The & mill"));
    let all = format!("{:?}", read.sections);
    assert!(!all.contains("alert") && !all.contains("p{}"), "{all}");
    assert_eq!(read.sections[0].heading, ["Mill"]);
    assert_eq!(read.sections[0].text, "It grinds rye and wheat.");
    let hours = &read.sections[1];
    assert_eq!(hours.heading, ["Mill", "Opening hours"]);
    assert_eq!(hours.place.anchor.as_deref(), Some("opening"));
    let way = &read.sections[2];
    assert_eq!(way.text, "Along the brook.");
    assert_eq!(way.place.anchor.as_deref(), Some("way"));
    assert!(
        hours.text.contains("Monday") && hours.text.contains("closed in March"),
        "{hours:?}"
    );
}
