//! Charts for a chat channel: one per view, as PNG and SVG, and lines of blocks for a terminal.
//!
//! A chart is readable at 800 pixels and in grey: series differ in dash and marker, not in colour
//! alone; the incident is shaded, the onset marked, thresholds are lines.

mod draw;
mod lines;
mod scale;
mod sparkline;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use model::Window;
use plotters::backend::{BitMapBackend, SVGBackend};
use plotters::prelude::IntoDrawingArea as _;
use plotters::style::{FontStyle, register_font};
use std::sync::LazyLock;
use text::Text;

pub use sparkline::{sparkline, thinned};

/// What a chart shows.
#[derive(Clone, Debug)]
pub struct ChartSpec {
    /// What it is: a view's title.
    pub title: Text,
    /// The unit of all values: `s`, `1/s`, `bytes`, `percent of one core` ...
    pub unit: String,
    /// The span of the time axis.
    pub window: Window,
    /// The series; of more than [`SERIES_MAX`] the highest are lines and the rest a band.
    pub series: Vec<ChartSeries>,
    /// The incident, shaded.
    pub incident: Option<Window>,
    /// Whether it still goes on at the last data: then its shade has no end.
    pub goes_on: bool,
    /// When it began, marked.
    pub onset: Option<DateTime<Utc>>,
    /// Lines across; drawn if they lie near the values.
    pub thresholds: Vec<Threshold>,
    /// The customer's zone for a second time axis.
    pub customer_tz: Option<Tz>,
    /// Series of other times, which are not drawn.
    pub n_elsewhere: usize,
}

/// A line of a chart.
#[derive(Clone, Debug)]
pub struct ChartSeries {
    /// What the legend says.
    pub label: Text,
    /// The points in order of time; `None` is a gap.
    pub points: Vec<(DateTime<Utc>, Option<f64>)>,
}

/// A value that matters.
#[derive(Clone, Debug)]
pub struct Threshold {
    /// What it is.
    pub label: Text,
    /// The value, in the unit of the chart.
    pub value: f64,
}

/// Series that are drawn as lines: more cannot be told apart in grey.
pub const SERIES_MAX: usize = 8;

/// The width of a chart in pixels: a chat channel shows no more.
pub const WIDTH: u32 = 800;

/// The height of the plot with its title and axes; the legend comes below.
const PLOT_HEIGHT: u32 = 360;

/// Pixels per legend row.
const LEGEND_ROW: u32 = 20;

/// A PNG is drawn this many times larger and averaged, so that lines are smooth.
const OVERSAMPLING: u32 = 2;

/// Why a chart was not drawn.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChartError {
    /// No series has a value in the window.
    #[error("no values in the window of the chart")]
    Empty,
    /// The drawing itself failed.
    #[error("chart not drawn: {0}")]
    Draw(String),
}

/// The name under which the font is known, so that a viewer of the SVG takes its own.
const FONT: &str = "sans-serif";

static FONT_READY: LazyLock<bool> = LazyLock::new(|| {
    let bytes = include_bytes!("../assets/DejaVuSans-subset.ttf");
    register_font(FONT, FontStyle::Normal, bytes).is_ok()
});

/// The height of a chart in pixels: it grows with the legend.
fn height(plan: &lines::Plan) -> u32 {
    PLOT_HEIGHT + draw::legend_rows(plan) * LEGEND_ROW
}

/// The chart as PNG.
pub fn png(spec: &ChartSpec) -> Result<Vec<u8>, ChartError> {
    let plan = plan(spec)?;
    let height = height(&plan);
    let (wide, high) = (WIDTH * OVERSAMPLING, height * OVERSAMPLING);
    let mut buffer = vec![255; wide as usize * high as usize * 3];
    {
        let root = BitMapBackend::with_buffer(&mut buffer, (wide, high)).into_drawing_area();
        draw::draw(&root, spec, &plan, height, f64::from(OVERSAMPLING))?;
    }
    let mut bytes = Vec::new();
    let failed = |e: png::EncodingError| ChartError::Draw(e.to_string());
    let mut encoder = png::Encoder::new(&mut bytes, WIDTH, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(&averaged(&buffer, wide as usize)).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(bytes)
}

/// The chart as SVG.
pub fn svg(spec: &ChartSpec) -> Result<String, ChartError> {
    let plan = plan(spec)?;
    let height = height(&plan);
    let mut text = String::new();
    {
        let root = SVGBackend::with_string(&mut text, (WIDTH, height)).into_drawing_area();
        draw::draw(&root, spec, &plan, height, 1.0)?;
    }
    Ok(text)
}

fn plan(spec: &ChartSpec) -> Result<lines::Plan, ChartError> {
    if !*FONT_READY {
        return Err(ChartError::Draw("the embedded font is broken".to_owned()));
    }
    lines::Plan::new(spec).ok_or(ChartError::Empty)
}

/// Every square of [`OVERSAMPLING`] pixels to one.
fn averaged(buffer: &[u8], wide: usize) -> Vec<u8> {
    let factor = OVERSAMPLING as usize;
    let n_columns = wide / factor;
    let mut out = Vec::with_capacity(buffer.len() / (factor * factor));
    for rows in buffer.chunks_exact(wide * 3 * factor) {
        for column in 0..n_columns {
            for channel in 0..3 {
                let mut sum = 0;
                for row in rows.chunks_exact(wide * 3) {
                    for pixel in 0..factor {
                        let at = (column * factor + pixel) * 3 + channel;
                        sum += row.get(at).map_or(255, |value| u32::from(*value));
                    }
                }
                out.push(u8::try_from(sum / (OVERSAMPLING * OVERSAMPLING)).unwrap_or(u8::MAX));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests;
