//! A comparison as one HTML file that needs nothing else: speed against macro-F1, and every table.

use std::fmt::Write;

use plotters::prelude::*;

use super::report::{COLUMNS, cells, footnote, overall, probability};
use super::{Comparand, Comparison};
use crate::error::{Error, ErrorKind, Result};
use crate::train::{Interval, Level};

const STYLE: &str = "body{font:15px/1.45 system-ui,sans-serif;margin:2em auto;max-width:70em;padding:0 1em;color:#222}\
table{border-collapse:collapse;margin:1em 0;font-variant-numeric:tabular-nums}\
th,td{padding:.25em .7em;text-align:right;border-bottom:1px solid #ddd;white-space:nowrap}\
th:first-child,td:first-child{text-align:left}th{font-weight:600}svg{max-width:100%;height:auto}\
details{margin:.5em 0}.wide{overflow-x:auto}";

/// Width and height of a plot with its legend.
const PLOT: (u32, u32) = (1000, 460);

/// Width of the legend.
const LEGEND: u32 = 300;

/// The page.
///
/// # Errors
/// When the plot cannot be drawn.
pub fn html(comparison: &Comparison) -> Result<String> {
    let mut page = String::from("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n");
    let _ = writeln!(page, "<title>Plenary: models compared</title>\n<style>{STYLE}</style>");
    let _ = writeln!(
        page,
        "<h1>Models compared</h1>\n<p>Codebook {}; plenary {}. {}</p>",
        escaped(&comparison.codebook),
        comparison.plenary,
        escaped(&footnote(comparison))
    );
    for labels in &comparison.labels {
        let file = labels.file.as_str();
        let _ = writeln!(
            page,
            "<h2>{}</h2>\n<p>{} sentences, SHA-256 {}</p>",
            escaped(file),
            labels.n_sentences,
            labels.sha256
        );
        page += &plot(comparison, file)?;
        page += &overview(comparison, file);
        for level in Level::ALL {
            page += &details(comparison, file, level);
        }
    }
    page += &contenders(comparison);
    page += "</html>\n";
    Ok(page)
}

/// A contender in the plot.
struct Point<'a> {
    name: &'a str,
    speed: f64,
    f1: Interval,
    /// Whether no other is both faster and better.
    best: bool,
}

fn points<'a>(comparison: &'a Comparison, file: &str) -> Vec<Point<'a>> {
    let speed = |row: &Comparand| row.speed.sentences_per_second;
    let f1 = |row: &Comparand| overall(row, file, "macro").map(|score| score.f1);
    let point = |row: &'a Comparand| {
        let own = f1(row)?;
        let beaten = comparison.rows.iter().any(|other| {
            let theirs = f1(other).map_or(0.0, |f1| f1.value);
            speed(other) >= speed(row)
                && theirs >= own.value
                && (speed(other), theirs) != (speed(row), own.value)
        });
        Some(Point { name: &row.model, speed: speed(row), f1: own, best: !beaten })
    };
    comparison.rows.iter().filter_map(point).collect()
}

/// Speed against macro-F1, with intervals; the front is drawn through the contenders that none beats in both.
fn plot(comparison: &Comparison, file: &str) -> Result<String> {
    let mut svg = String::new();
    draw(&mut svg, &points(comparison, file))
        .map_err(|error| Error::new(ErrorKind::Output, format!("cannot draw the plot: {error}")))?;
    Ok(svg)
}

fn draw(
    svg: &mut String,
    points: &[Point<'_>],
) -> std::result::Result<(), Box<dyn std::error::Error>> {
    let area = SVGBackend::with_string(svg, PLOT).into_drawing_area();
    let (plot, legend) = area.split_horizontally(PLOT.0 - LEGEND);
    let speeds = || points.iter().map(|point| point.speed.max(0.1));
    let slowest = speeds().fold(f64::INFINITY, f64::min).min(1e6) / 2.0;
    let fastest = speeds().fold(1.0, f64::max) * 2.0;
    let mut chart = ChartBuilder::on(&plot)
        .margin(12)
        .x_label_area_size(42)
        .y_label_area_size(52)
        .build_cartesian_2d((slowest..fastest).log_scale(), 0.0..1.0)?;
    chart
        .configure_mesh()
        .x_desc("sentences a second")
        .y_desc("macro-F1")
        .light_line_style(WHITE)
        .draw()?;
    let mut front: Vec<&Point<'_>> = points.iter().filter(|point| point.best).collect();
    front.sort_by(|a, b| a.speed.total_cmp(&b.speed));
    let line = front.iter().map(|point| (point.speed, point.f1.value));
    chart.draw_series(LineSeries::new(line, BLACK.mix(0.4)))?;
    for (place, point) in points.iter().enumerate() {
        let color = if point.best { RGBColor(0, 90, 160) } else { RGBColor(130, 130, 130) };
        let style = || ("sans-serif", 14).into_font().color(&color);
        let whisker = [(point.speed, point.f1.low), (point.speed, point.f1.high)];
        chart.draw_series(LineSeries::new(whisker, color.mix(0.6)))?;
        chart.draw_series([Circle::new((point.speed, point.f1.value), 4, color.filled())])?;
        // Numbers at three heights: models of like speed and quality stand on each other.
        let height = point.f1.value + 0.05 * (place % 3) as f64;
        let number = (place + 1).to_string();
        chart.draw_series([Text::new(number.clone(), (point.speed * 1.07, height), style())])?;
        let line = i32::try_from(20 + 20 * place).unwrap_or(i32::MAX);
        legend.draw(&Text::new(format!("{number}  {}", point.name), (4, line), style()))?;
    }
    area.present()?;
    Ok(())
}

fn overview(comparison: &Comparison, file: &str) -> String {
    table(&COLUMNS, comparison.rows.iter().map(|row| cells(row, file)))
}

/// Every slice and pole of one level.
fn details(comparison: &Comparison, file: &str, level: Level) -> String {
    let header = [
        "slice",
        "pole",
        "model",
        "n",
        "support",
        "precision",
        "recall",
        "F1",
        "AUPRC",
        "ECE",
        "F1 against the first",
        "p",
    ];
    // Contenders side by side: all have their scores in the same order.
    let places = 0..comparison.rows.first().map_or(0, |row| row.scores.len());
    let scores = places
        .flat_map(|place| comparison.rows.iter().map(move |row| (row, &row.scores[place])))
        .filter(|(_, score)| score.file == file && score.level == level);
    let rows = scores.map(|(row, score)| {
        let show = |interval: Option<Interval>| {
            interval.map_or_else(String::new, |interval| interval.to_string())
        };
        let difference = score.difference;
        vec![
            score.slice.name(),
            score.pole.clone(),
            row.model.clone(),
            score.n.to_string(),
            score.support.to_string(),
            show(score.precision),
            show(score.recall),
            show(Some(score.f1)),
            show(score.average_precision),
            show(score.calibration_error),
            show(difference.map(|difference| difference.f1)),
            difference.map_or_else(String::new, |difference| probability(difference.p)),
        ]
    });
    let title = level.as_str().replace('_', " ");
    format!(
        "<details><summary>{title}: every slice and pole</summary>{}</details>\n",
        table(&header, rows)
    )
}

/// What each contender is.
fn contenders(comparison: &Comparison) -> String {
    let header = ["model", "given as", "kind", "encoder", "backend", "arithmetic", "fingerprint"];
    let rows = comparison.rows.iter().map(|row| {
        let about = &row.about;
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        vec![
            row.model.clone(),
            row.specification.clone(),
            about.kind.clone(),
            text(&about.encoder),
            text(&about.backend),
            text(&about.arithmetic),
            text(&about.fingerprint),
        ]
    });
    format!("<h2>What they are</h2>\n{}", table(&header, rows))
}

fn table(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |tag: &str, cells: &mut dyn Iterator<Item = String>| {
        let mut text = String::from("<tr>");
        for cell in cells {
            let _ = write!(text, "<{tag}>{}</{tag}>", escaped(&cell));
        }
        text + "</tr>\n"
    };
    let head = line("th", &mut header.iter().map(ToString::to_string));
    let body: String = rows.map(|row| line("td", &mut row.into_iter())).collect();
    format!("<div class=\"wide\"><table>\n{head}{body}</table></div>\n")
}

/// Text as HTML: model names and file names are the user's.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
