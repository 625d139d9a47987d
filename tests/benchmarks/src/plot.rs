//! The plots of docs/PERFORMANCE.md.

use std::path::Path;

use plotters::{
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

use crate::{compare::Compared, latency::Series, record::make_folder_of};

const SIZE: (u32, u32) = (720, 240);
const OURS: RGBColor = RGBColor(31, 119, 180);
const THEIRS: RGBColor = RGBColor(160, 160, 160);
const LINES: [RGBColor; 4] = [OURS, RGBColor(255, 127, 14), RGBColor(44, 160, 44), RGBColor(148, 103, 189)];

/// Init times, one bar for each function, on a scale of powers of ten.
pub(crate) fn init_times(compared: &[Compared], file: &Path) -> Result<(), String> {
    make_folder_of(file)?;
    draw_init_times(compared, file).map_err(|error| format!("{} can't be drawn: {error}", file.display()))
}

fn draw_init_times(compared: &[Compared], file: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let area = SVGBackend::new(file, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let longest = compared.iter().map(|one| one.init_ms).fold(1.0, f64::max);
    let rows = i32::try_from(compared.len())?;
    let mut chart = ChartBuilder::on(&area)
        .caption("Start to first event, median, milliseconds", ("sans-serif", 15))
        .margin(10)
        .x_label_area_size(24)
        .y_label_area_size(110)
        .build_cartesian_2d((1.0..longest * 2.0).log_scale(), (0..rows - 1).into_segmented())?;
    let names: Vec<&str> = compared.iter().rev().map(|one| one.name.as_str()).collect();
    let name_of = |row: &SegmentValue<i32>| match row {
        SegmentValue::CenterOf(row) => usize::try_from(*row)
            .ok()
            .and_then(|row| names.get(row))
            .map_or_else(String::new, ToString::to_string),
        _ => String::new(),
    };
    chart.configure_mesh().disable_y_mesh().y_label_formatter(&name_of).draw()?;
    let bars = compared.iter().rev().enumerate().map(|(row, one)| {
        let row = i32::try_from(row).unwrap_or_default();
        let corners = [
            (1.0, SegmentValue::Exact(row)),
            (one.init_ms.max(1.0), SegmentValue::Exact(row + 1)),
        ];
        let colour = if one.name == compared[0].name { OURS } else { THEIRS };
        let mut bar = Rectangle::new(corners, colour.filled());
        bar.set_margin(5, 5, 0, 0);
        bar
    });
    chart.draw_series(bars)?;
    let style = TextStyle::from(("sans-serif", 13)).pos(Pos::new(HPos::Left, VPos::Center));
    let figures = compared.iter().rev().enumerate().map(|(row, one)| {
        let place = (
            one.init_ms.max(1.0) * 1.04,
            SegmentValue::CenterOf(i32::try_from(row).unwrap_or_default()),
        );
        Text::new(format!("{:.1}", one.init_ms), place, style.clone())
    });
    chart.draw_series(figures)?;
    area.present()?;
    Ok(())
}

/// Times over the number of phones in the table, a line for each of what was measured, both on scales of powers of ten.
pub(crate) fn latency(series: &[Series], file: &Path) -> Result<(), String> {
    make_folder_of(file)?;
    draw_latency(series, file).map_err(|error| format!("{} can't be drawn: {error}", file.display()))
}

fn draw_latency(series: &[Series], file: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let area = SVGBackend::new(file, (720, 360)).into_drawing_area();
    area.fill(&WHITE)?;
    let points = || series.iter().flat_map(|one| one.points.iter());
    let (fewest, most) = points().fold((f64::MAX, 1.0_f64), |(fewest, most), (phones, _)| {
        (fewest.min(*phones), most.max(*phones))
    });
    if points().next().is_none() {
        return Err("nothing was measured with phones in the table".into());
    }
    let (shortest, longest) = points().fold((f64::MAX, 1.0_f64), |(shortest, longest), (_, millis)| {
        (shortest.min(*millis), longest.max(*millis))
    });
    let mut chart = ChartBuilder::on(&area)
        .caption("Median by phones in the table, milliseconds", ("sans-serif", 15))
        .margin(10)
        .x_label_area_size(28)
        .y_label_area_size(44)
        .build_cartesian_2d(
            (fewest / 1.5..most * 1.5).log_scale(),
            (shortest.max(0.1) / 2.0..longest * 8.0).log_scale(),
        )?;
    chart.configure_mesh().x_label_formatter(&|phones| format!("{phones:.0}")).draw()?;
    for (one, colour) in series.iter().zip(LINES.iter().cycle()) {
        let drawn = chart.draw_series(LineSeries::new(one.points.iter().copied(), colour.stroke_width(2)).point_size(3))?;
        let colour = *colour;
        drawn
            .label(one.what.as_str())
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], colour.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE)
        .draw()?;
    area.present()?;
    Ok(())
}
