//! Small documents that tests make: PDF and DOCX.

use std::io::{Cursor, Write as _};

/// A line of a page: the size of its type in points, and its text in ASCII.
pub(crate) type Line<'a> = (u32, &'a str);

/// A PDF with these pages; one without lines has no text layer.
pub(crate) fn pdf(pages: &[Vec<Line<'_>>]) -> Vec<u8> {
    let streams: Vec<String> = pages.iter().map(|lines| page(lines)).collect();
    pdf_of(&streams)
}

fn page(lines: &[Line<'_>]) -> String {
    let mut stream = String::new();
    let mut y = 760;
    for (size, text) in lines {
        let text = text
            .replace('\\', "\\\\")
            .replace('(', "\\(")
            .replace(')', "\\)");
        stream.push_str(&format!(
            "BT /F1 {size} Tf 1 0 0 1 72 {y} Tm ({text}) Tj ET\n"
        ));
        y -= size * 6 / 5;
    }
    stream
}

/// A PDF whose pages have these content streams.
pub(crate) fn pdf_of(streams: &[String]) -> Vec<u8> {
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        String::new(),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
            .to_owned(),
    ];
    let mut kids = Vec::new();
    for stream in streams {
        let number = objects.len() + 1;
        kids.push(format!("{number} 0 R"));
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {} 0 R \
             /Resources << /Font << /F1 3 0 R >> >> >>",
            number + 1
        ));
        objects.push(format!(
            "<< /Length {} >>\nstream\n{stream}\nendstream",
            stream.len()
        ));
    }
    objects[1] = format!(
        "<< /Type /Pages /Count {} /Kids [{}] >>",
        streams.len(),
        kids.join(" ")
    );
    let mut out = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (number, object) in (1..).zip(&objects) {
        places.push(out.len());
        out.extend(format!("{number} 0 obj\n{object}\nendobj\n").bytes());
    }
    let table = out.len();
    out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for place in places {
        out.extend(format!("{place:010} 00000 n \n").bytes());
    }
    let size = objects.len() + 1;
    out.extend(
        format!("trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n").bytes(),
    );
    out
}

/// A document of Word with this body.
pub(crate) fn docx(body: &str) -> Vec<u8> {
    let styles = "<w:styles xmlns:w=\"w\"><w:style w:styleId=\"berschrift1\"><w:name w:val=\"heading 1\"/></w:style>\
                  <w:style w:styleId=\"Zwei\"><w:name w:val=\"Mine\"/><w:pPr><w:outlineLvl w:val=\"1\"/></w:pPr>\
                  </w:style></w:styles>";
    let document = format!(
        "<?xml version=\"1.0\"?><w:document xmlns:w=\"w\"><w:body>{body}</w:body></w:document>"
    );
    zip(&[
        ("word/styles.xml", styles.as_bytes()),
        ("word/document.xml", document.as_bytes()),
    ])
}

/// A ZIP archive of these files.
pub(crate) fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let options = zip::write::SimpleFileOptions::default();
        writer.start_file(*name, options).expect("a file");
        writer.write_all(bytes).expect("its bytes");
    }
    writer.finish().expect("an archive").into_inner()
}
