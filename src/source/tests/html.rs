use std::fmt::Write;

use super::*;

fn text(html: &str) -> String {
    read(html.as_bytes().to_vec()).unwrap().text
}

const PAGE: &str = r##"<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8">
<title>Ruvania on cables | Daily Gull</title>
<meta property="og:title" content="Ruvania on cables">
<meta name="author" content="Odile Tarn"><meta property="article:published_time" content="2021-04-03T08:00:00Z">
<script>var a = "<p>not text</p>";</script><style>p { color: red }</style></head>
<body><header><h1>Daily Gull</h1></header><nav><ul><li><a href="/">Home</a></ul></nav>
<div class="cookie banner">We use cookies.</div>
<main><h1>Ruvania on cables</h1>
<p>Ruvania&rsquo;s envoy said on <b>Mon</b>day that cables
 belong to &ldquo;all of us&rdquo;.<sup><a href="#1">[1]</a></sup> He left.</p>
<blockquote>First line<br>Second line</blockquote>
<ul><li>One point</li><li>Another point</ul>
<table><tr><td>North</td><td>12</td></tr></table>
<aside>Read more</aside>
</main><footer>Imprint</footer></body></html>"##;

#[test]
fn content_is_kept_and_everything_around_it_dropped() {
    let expected = "Ruvania on cables\n\nRuvania’s envoy said on Monday that cables belong to “all of us”. \
                    He left.\n\nFirst line\nSecond line\n\nOne point\n\nAnother point\n\nNorth\n\n12";
    assert_eq!(text(PAGE), expected);
}

#[test]
fn the_head_becomes_metadata() {
    let record = read(PAGE.as_bytes().to_vec()).unwrap();
    let found: Vec<_> =
        record.properties.iter().map(|(name, value)| (name.as_str(), value.to_string())).collect();
    let expected = [
        ("title", "Ruvania on cables"),
        ("author", "Odile Tarn"),
        ("date", "2021-04-03T08:00:00Z"),
        ("lang", "en-GB"),
    ];
    assert_eq!(found, expected.map(|(name, value)| (name, value.to_owned())));
}

#[test]
fn sloppy_html_still_gives_paragraphs() {
    assert_eq!(text("<p>One<p>Two <i>three</i><hr>four"), "One\n\nTwo three\n\nfour");
    assert_eq!(text("<pre>MR. TARN:  Yes.\n   No.</pre>"), "MR. TARN: Yes.\n No.");
    assert_eq!(text("5 < 6 &amp; 7 &lt; 8 <p>x"), "5 < 6 & 7 < 8\n\nx");
}

#[test]
fn a_navigation_that_never_ends_does_not_swallow_the_page() {
    assert_eq!(text("<nav><p>Menu<p>The envoy spoke.").lines().last(), Some("The envoy spoke."));
    assert_eq!(text("<p>a<script>var x = 1;"), "a");
}

#[test]
fn the_declared_encoding_counts() {
    let html =
        "<meta http-equiv='Content-Type' content='text/html; charset=iso-8859-2'><p>Příliš</p>";
    let (bytes, ..) = encoding_rs::ISO_8859_2.encode(html);
    let record = read(bytes.into_owned()).unwrap();
    assert_eq!(
        (record.text.as_str(), record.notes[0].as_str()),
        ("Příliš", "decoded from iso-8859-2")
    );
    assert_eq!(
        declared_encoding(b"<?xml version='1.0' encoding='UTF-16'?>").as_deref(),
        Some("utf-16")
    );
    assert_eq!(declared_encoding(b"<p>"), None);
}

#[test]
fn hostile_pages_take_linear_time() {
    let deep = "<div>".repeat(200_000);
    let (mut unclosed, mut attributes) = (String::new(), String::new());
    for n in 0..100_000 {
        write!(unclosed, "<b id={n}>").unwrap();
        write!(attributes, " a{n}=1").unwrap();
    }
    unclosed.push_str(&"<p>x".repeat(50_000));
    let started = std::time::Instant::now();
    for page in [deep, unclosed, format!("<p{attributes}>x")] {
        let _ = read(page.into_bytes());
    }
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
}
