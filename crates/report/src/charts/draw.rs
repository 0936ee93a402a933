//! The drawing, the same for every backend.

use super::lines::{self, Plan};
use super::scale::{self, Unit};
use super::{ChartError, ChartSpec, FONT, LEGEND_ROW, WIDTH};
use chrono::{DateTime, Datelike as _, Utc};
use chrono_tz::Tz;
use plotters::coord::Shift;
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::prelude::{DrawingArea, DrawingBackend, IntoFont as _};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color as _, RGBColor, ShapeStyle, TextStyle, WHITE};

/// Colours that people with colour blindness tell apart; their greys differ too, from dark to
/// light within four.
const COLORS: [RGBColor; 8] = [
    RGBColor(0, 68, 136),
    RGBColor(204, 51, 17),
    RGBColor(0, 136, 120),
    RGBColor(230, 130, 0),
    RGBColor(110, 40, 130),
    RGBColor(60, 60, 60),
    RGBColor(0, 140, 210),
    RGBColor(150, 110, 30),
];

/// Dashes in pixels, on and off; empty is a whole line.
const DASHES: [&[f64]; 4] = [&[], &[9.0, 4.0], &[2.5, 3.0], &[12.0, 3.5, 2.5, 3.5]];

const INK: RGBColor = RGBColor(40, 40, 40);
const GRID: RGBColor = RGBColor(224, 224, 224);
const SHADE: RGBColor = RGBColor(255, 232, 205);
const EDGE: RGBColor = RGBColor(214, 150, 90);
const BAND: RGBColor = RGBColor(214, 214, 214);
const MARK: RGBColor = RGBColor(150, 0, 30);

/// Margins of the plot in pixels.
const LEFT: f64 = 74.0;
const RIGHT: f64 = 18.0;
const TOP: f64 = 60.0;
/// Below the plot: two rows of times.
const AXIS: f64 = 44.0;

/// Pixels between two markers of a line.
const MARKER_EVERY: f64 = 90.0;

type Area<B> = DrawingArea<B, Shift>;

/// Characters of a label that fit where the legend has two columns.
const HALF_LABEL_CHARS: usize = 28;

/// Two columns, unless a label needs the whole width.
fn legend_columns(plan: &Plan) -> usize {
    let long = |line: &lines::Line| line.label.chars().count() > HALF_LABEL_CHARS;
    if plan.legend_len() == 1 || plan.lines.iter().any(long) { 1 } else { 2 }
}

/// Rows of the legend.
pub(super) fn legend_rows(plan: &Plan) -> u32 {
    u32::try_from(plan.legend_len().div_ceil(legend_columns(plan))).unwrap_or(1).max(1)
}

/// A canvas in pixels of the finished chart.
struct Canvas<'a, B: DrawingBackend> {
    root: &'a Area<B>,
    factor: f64,
    bottom: f64,
}

/// Draws a chart; `factor` is how many pixels of the backend are one of the chart.
pub(super) fn draw<B: DrawingBackend>(
    root: &Area<B>,
    spec: &ChartSpec,
    plan: &Plan,
    height: u32,
    factor: f64,
) -> Result<(), ChartError> {
    root.fill(&WHITE).map_err(failed)?;
    let legend = f64::from(legend_rows(plan) * LEGEND_ROW);
    let canvas = Canvas { root, factor, bottom: f64::from(height) - legend - AXIS - 6.0 };
    let unit = Unit::new(&spec.unit, plan.max);
    canvas.background(spec, plan, unit)?;
    canvas.band(plan)?;
    for (idx, line) in plan.lines.iter().enumerate() {
        for piece in &line.pieces {
            let points: Vec<(f64, f64)> =
                piece.iter().map(|(x, y)| (canvas.x(*x), canvas.y(*y, plan))).collect();
            canvas.line(&points, idx)?;
        }
    }
    canvas.thresholds(spec, plan, unit)?;
    canvas.marks(spec)?;
    canvas.legend(spec, plan, f64::from(height) - legend - 4.0)?;
    root.present().map_err(failed)
}

fn failed<E: std::fmt::Display>(e: E) -> ChartError {
    ChartError::Draw(e.to_string())
}

impl<B: DrawingBackend> Canvas<'_, B> {
    fn x(&self, share: f64) -> f64 {
        LEFT + share * (f64::from(WIDTH) - LEFT - RIGHT)
    }

    fn y(&self, value: f64, plan: &Plan) -> f64 {
        self.bottom - plan.height(value) * (self.bottom - TOP)
    }

    #[expect(clippy::cast_possible_truncation, reason = "pixels are small")]
    fn at(&self, (x, y): (f64, f64)) -> (i32, i32) {
        ((x * self.factor).round() as i32, (y * self.factor).round() as i32)
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "widths are small")]
    fn stroke(&self, color: RGBColor, width: f64) -> ShapeStyle {
        color.stroke_width((width * self.factor).round().max(1.0) as u32)
    }

    fn path(&self, points: &[(f64, f64)], style: ShapeStyle) -> Result<(), ChartError> {
        let points: Vec<(i32, i32)> = points.iter().map(|point| self.at(*point)).collect();
        if self.factor <= 1.0 || points.len() <= 2 {
            return self.root.draw(&PathElement::new(points, style)).map_err(failed);
        }
        // Pixels: the joins of sharp turns would stick out far beyond the values.
        for pair in points.windows(2) {
            self.root.draw(&PathElement::new(pair.to_vec(), style)).map_err(failed)?;
        }
        Ok(())
    }

    fn rectangle(&self, a: (f64, f64), b: (f64, f64), style: ShapeStyle) -> Result<(), ChartError> {
        self.root.draw(&Rectangle::new([self.at(a), self.at(b)], style)).map_err(failed)
    }

    fn text(
        &self,
        text: &str,
        at: (f64, f64),
        size: f64,
        color: RGBColor,
        pos: Pos,
    ) -> Result<(), ChartError> {
        let style = TextStyle::from((FONT, size * self.factor).into_font()).color(&color).pos(pos);
        // Pixels: the font's box is higher than its letters.
        let lower =
            if self.factor > 1.0 && matches!(pos.v_pos, VPos::Center) { size * 0.18 } else { 0.0 };
        let at = (at.0, at.1 + lower);
        self.root.draw_text(text, &style, self.at(at)).map_err(failed)
    }

    /// A text cut to a width, with an ellipsis.
    fn fitted(&self, text: &str, size: f64, width: f64) -> String {
        let style = TextStyle::from((FONT, size * self.factor).into_font());
        let fits = |text: &str| {
            self.root
                .estimate_text_size(text, &style)
                .is_ok_and(|(w, _)| f64::from(w) <= width * self.factor)
        };
        if fits(text) {
            return text.to_owned();
        }
        let mut kept: Vec<char> = text.chars().take(120).collect();
        while !kept.is_empty() {
            kept.pop();
            let cut: String = kept.iter().chain(std::iter::once(&'…')).collect();
            if fits(&cut) {
                return cut;
            }
        }
        String::new()
    }

    /// Title, shade, grid and axes.
    fn background(&self, spec: &ChartSpec, plan: &Plan, unit: Unit) -> Result<(), ChartError> {
        let window = spec.window;
        let right = self.x(1.0);
        let left_top = Pos::new(HPos::Left, VPos::Top);
        let title = self.fitted(&titled(spec, plan.log), 19.0, 400.0);
        self.text(&title, (LEFT - 60.0, 8.0), 19.0, INK, left_top)?;
        let right_top = Pos::new(HPos::Right, VPos::Top);
        self.text(&said(spec), (right, 11.0), 13.0, INK, right_top)?;
        if let Some(incident) = spec.incident {
            let (a, b) = (lines::share(incident.start, window), lines::share(incident.end, window));
            if b > 0.0 && a < 1.0 {
                let (a, b) = (self.x(a.clamp(0.0, 1.0)), self.x(b.clamp(0.0, 1.0)));
                self.rectangle((a, TOP), (b.max(a + 1.0), self.bottom), SHADE.filled())?;
                let edges = if spec.goes_on { &[a][..] } else { &[a, b][..] };
                for edge in edges.iter().copied() {
                    self.path(&[(edge, TOP), (edge, self.bottom)], self.stroke(EDGE, 1.0))?;
                }
            }
        }
        for (tick, label) in value_axis(spec, plan, unit) {
            let y = self.y(tick, plan);
            self.path(&[(LEFT, y), (right, y)], self.stroke(GRID, 1.0))?;
            self.text(&label, (LEFT - 7.0, y), 14.0, INK, Pos::new(HPos::Right, VPos::Center))?;
        }
        self.time_axis(spec)?;
        let frame = [(LEFT, TOP), (LEFT, self.bottom), (right, self.bottom)];
        self.path(&frame, self.stroke(RGBColor(110, 110, 110), 1.0))
    }

    fn time_axis(&self, spec: &ChartSpec) -> Result<(), ChartError> {
        let ticks = scale::time_ticks(spec.window, 9);
        let short = (spec.window.end - spec.window.start).num_seconds() < 300;
        let mut zones = vec![Tz::UTC];
        zones.extend(spec.customer_tz.filter(|tz| *tz != Tz::UTC));
        let zone_at = (spec.window.start, spec.window.end);
        for (row, tz) in (0_u32..).zip(zones) {
            let y = self.bottom + 8.0 + f64::from(row) * 17.0;
            let color = if row == 0 { INK } else { RGBColor(90, 90, 90) };
            let name = scale::zone_name(zone_at.0, tz);
            self.text(&name, (LEFT - 26.0, y), 13.0, color, Pos::new(HPos::Right, VPos::Top))?;
            for tick in &ticks {
                let x = self.x(lines::share(*tick, spec.window));
                if row == 0 {
                    self.path(&[(x, self.bottom), (x, self.bottom + 5.0)], self.stroke(INK, 1.0))?;
                }
                let label = scale::write_time(*tick, tz, short);
                let pos = if x > self.x(1.0) - 16.0 { HPos::Right } else { HPos::Center };
                self.text(&label, (x, y), 14.0, color, Pos::new(pos, VPos::Top))?;
            }
        }
        Ok(())
    }

    fn band(&self, plan: &Plan) -> Result<(), ChartError> {
        for piece in &plan.band {
            let mut outline: Vec<(i32, i32)> = Vec::new();
            for (x, _, high) in piece {
                outline.push(self.at((self.x(*x), self.y(*high, plan))));
            }
            for (x, low, _) in piece.iter().rev() {
                outline.push(self.at((self.x(*x), self.y(*low, plan))));
            }
            self.root.draw(&Polygon::new(outline, BAND.filled())).map_err(failed)?;
        }
        Ok(())
    }

    /// A line in the dash, colour and marker of its place in the legend.
    fn line(&self, points: &[(f64, f64)], idx: usize) -> Result<(), ChartError> {
        let color = COLORS.get(idx % COLORS.len()).copied().unwrap_or(INK);
        let style = self.stroke(color, 1.8);
        if let [(x, y)] = points {
            let radius = 2.5;
            return self.rectangle(
                (x - radius, y - radius),
                (x + radius, y + radius),
                color.filled(),
            );
        }
        let dash = DASHES.get(idx % DASHES.len()).copied().unwrap_or(&[]);
        if dash.is_empty() {
            self.path(points, style)?;
        } else {
            for piece in dashed(points, dash) {
                self.path(&piece, style)?;
            }
        }
        // Lines of the second four have markers too, set off from one another.
        if idx >= DASHES.len() {
            #[expect(clippy::cast_precision_loss, reason = "at most eight")]
            let offset = 20.0 + 17.0 * idx as f64;
            for at in along(points, offset, MARKER_EVERY) {
                self.marker(at, idx, color)?;
            }
        }
        Ok(())
    }

    fn marker(&self, (x, y): (f64, f64), idx: usize, color: RGBColor) -> Result<(), ChartError> {
        let r = 4.0;
        let shape: Vec<(f64, f64)> = match idx % 4 {
            0 => {
                #[expect(clippy::cast_possible_truncation, reason = "pixels are small")]
                let radius = (3.5 * self.factor) as i32;
                let circle = Circle::new(self.at((x, y)), radius, color.filled());
                return self.root.draw(&circle).map_err(failed);
            }
            1 => vec![(x, y - r), (x + r, y + r), (x - r, y + r)],
            2 => vec![(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r)],
            _ => vec![(x, y - r - 1.0), (x + r + 1.0, y), (x, y + r + 1.0), (x - r - 1.0, y)],
        };
        let shape: Vec<(i32, i32)> = shape.into_iter().map(|point| self.at(point)).collect();
        self.root.draw(&Polygon::new(shape, color.filled())).map_err(failed)
    }

    fn thresholds(&self, spec: &ChartSpec, plan: &Plan, unit: Unit) -> Result<(), ChartError> {
        for threshold in &spec.thresholds {
            if !(plan.min..=plan.max).contains(&threshold.value) {
                continue;
            }
            let y = self.y(threshold.value, plan);
            let right = self.x(1.0);
            for piece in dashed(&[(LEFT, y), (right, y)], &[6.0, 3.0]) {
                self.path(&piece, self.stroke(MARK, 1.2))?;
            }
            let label =
                format!("{} {}", threshold.label.plain(), unit.write_short(threshold.value));
            let label = self.fitted(&label, 13.0, 320.0);
            let above = y - 3.0 > TOP + 14.0;
            let (at, pos) = if above { (y - 3.0, VPos::Bottom) } else { (y + 7.0, VPos::Top) };
            self.text(&label, (LEFT + 5.0, at), 13.0, MARK, Pos::new(HPos::Left, pos))?;
        }
        Ok(())
    }

    /// The line of the onset and its time, above the plot.
    fn marks(&self, spec: &ChartSpec) -> Result<(), ChartError> {
        let Some(onset) = spec.onset else { return Ok(()) };
        let share = lines::share(onset, spec.window);
        if !(0.0..=1.0).contains(&share) {
            return Ok(());
        }
        let x = self.x(share);
        for piece in dashed(&[(x, TOP), (x, self.bottom)], &[4.0, 3.0]) {
            self.path(&piece, self.stroke(MARK, 1.5))?;
        }
        let triangle = [(x - 6.0, TOP - 9.0), (x + 6.0, TOP - 9.0), (x, TOP)];
        let triangle: Vec<(i32, i32)> = triangle.into_iter().map(|point| self.at(point)).collect();
        self.root.draw(&Polygon::new(triangle, MARK.filled())).map_err(failed)?;
        let written = |tz| scale::write_moment(onset, tz, spec.window);
        let mut label = format!("onset {} UTC", written(Tz::UTC));
        if let Some(tz) = spec.customer_tz.filter(|tz| *tz != Tz::UTC) {
            label = format!("{label} ({} {})", written(tz), scale::zone_name(onset, tz));
        }
        // The label stands where there is room for it.
        let (at, pos) = if share > 0.6 { (x - 9.0, HPos::Right) } else { (x + 9.0, HPos::Left) };
        self.text(&label, (at, TOP - 17.0), 13.0, MARK, Pos::new(pos, VPos::Top))
    }

    /// Samples of the lines with label and peak, in two columns.
    fn legend(&self, spec: &ChartSpec, plan: &Plan, top: f64) -> Result<(), ChartError> {
        let n_columns = legend_columns(plan);
        #[expect(clippy::cast_precision_loss, reason = "one or two")]
        let column = (f64::from(WIDTH) - 32.0) / n_columns as f64;
        let place = |n: usize| {
            let (row, side) = (n / n_columns, n % n_columns);
            #[expect(clippy::cast_precision_loss, reason = "a handful of entries")]
            let at = (16.0 + side as f64 * column, top + 10.0 + row as f64 * f64::from(LEGEND_ROW));
            at
        };
        for (idx, line) in plan.lines.iter().enumerate() {
            let (x, y) = place(idx);
            self.line(&[(x, y), (x + 19.0, y), (x + 38.0, y)], idx)?;
            if idx >= DASHES.len() {
                let color = COLORS.get(idx % COLORS.len()).copied().unwrap_or(INK);
                self.marker((x + 19.0, y), idx, color)?;
            }
            let of_line = Unit::new(&spec.unit, line.max);
            let peak = format!("peak {}", of_line.write_short(line.max));
            let label = self.fitted(&line.label, 14.0, column - 46.0 - 110.0);
            self.text(&label, (x + 46.0, y), 14.0, INK, Pos::new(HPos::Left, VPos::Center))?;
            self.text(
                &peak,
                (x + column - 26.0, y),
                13.0,
                RGBColor(90, 90, 90),
                Pos::new(HPos::Right, VPos::Center),
            )?;
        }
        if plan.n_band > 0 {
            let (x, y) = place(plan.lines.len());
            self.rectangle((x, y - 6.0), (x + 38.0, y + 6.0), BAND.filled())?;
            let label = format!("{} more, from lowest to highest", plan.n_band);
            self.text(&label, (x + 46.0, y), 14.0, INK, Pos::new(HPos::Left, VPos::Center))?;
        }
        Ok(())
    }
}

/// The ticks of the values and how they are written.
fn value_axis(spec: &ChartSpec, plan: &Plan, unit: Unit) -> Vec<(f64, String)> {
    if plan.log {
        let ticks = scale::log_ticks(plan.min, plan.max);
        return ticks
            .into_iter()
            .map(|tick| (tick, Unit::new(&spec.unit, tick * 1.0001).write(tick, tick)))
            .collect();
    }
    let (ticks, step) = scale::value_ticks(plan.min, plan.max, 5, unit);
    ticks.into_iter().map(|tick| (tick, unit.write(tick, step))).collect()
}

/// Of which day the chart is, and what the shade means.
fn said(spec: &ChartSpec) -> String {
    let date = |at: DateTime<Utc>| at.format("%Y-%m-%d").to_string();
    let mut said = date(spec.window.start);
    if date(spec.window.end) != said {
        let same_year = spec.window.start.year() == spec.window.end.year();
        let end = date(spec.window.end);
        let end = if same_year { end.get(5..).unwrap_or_default() } else { &end };
        said = format!("{said} to {end}");
    }
    if spec.n_elsewhere > 0 {
        said = format!("{said}, {} of other times left out", spec.n_elsewhere);
    }
    if let Some(incident) = spec.incident {
        let time = |at: DateTime<Utc>| scale::write_moment(at, Tz::UTC, spec.window);
        let start = time(incident.start);
        said = if spec.goes_on {
            format!("shaded: incident from {start} UTC, goes on · {said}")
        } else {
            format!("shaded: incident {start} to {} UTC · {said}", time(incident.end))
        };
    }
    said
}

/// A line cut into dashes along its length.
fn dashed(points: &[(f64, f64)], dash: &[f64]) -> Vec<Vec<(f64, f64)>> {
    let mut pieces = Vec::new();
    let mut open: Vec<(f64, f64)> = points.first().copied().into_iter().collect();
    let (mut idx, mut left, mut on) = (0, dash.first().copied().unwrap_or(1.0), true);
    for pair in points.windows(2) {
        let [(mut x, mut y), (to_x, to_y)] = *pair else { continue };
        loop {
            let length = (to_x - x).hypot(to_y - y);
            if length < left {
                left -= length;
                if on {
                    open.push((to_x, to_y));
                }
                break;
            }
            let share = if length > 0.0 { left / length } else { 1.0 };
            (x, y) = (x + (to_x - x) * share, y + (to_y - y) * share);
            if on {
                open.push((x, y));
                pieces.push(std::mem::take(&mut open));
            } else {
                open = vec![(x, y)];
            }
            on = !on;
            idx = (idx + 1) % dash.len();
            // A dash of no length would never end.
            left = dash.get(idx).copied().unwrap_or(1.0).max(0.5);
        }
    }
    if on && open.len() > 1 {
        pieces.push(open);
    }
    pieces
}

/// Points every so many pixels along the horizontal of a line.
fn along(points: &[(f64, f64)], offset: f64, every: f64) -> Vec<(f64, f64)> {
    let Some(first) = points.first() else { return Vec::new() };
    let mut next = first.0 - first.0.rem_euclid(every) + offset.rem_euclid(every);
    let mut found = Vec::new();
    for pair in points.windows(2) {
        let [(x, y), (to_x, to_y)] = *pair else { continue };
        while next < x {
            next += every;
        }
        while next <= to_x && to_x > x {
            let share = (next - x) / (to_x - x);
            found.push((next, y + (to_y - y) * share));
            next += every;
        }
    }
    found
}

/// The title, with the unit where the axis cannot carry it: a rate's span, whose percent.
fn titled(spec: &ChartSpec, log: bool) -> String {
    let title = spec.title.plain();
    let said = title.contains(spec.unit.as_str());
    match spec.unit.as_str() {
        "percent of one core" if !said => format!("{title} (100 % = one core)"),
        unit if unit.starts_with("count per") && !said => {
            format!("{title} ({})", unit.trim_start_matches("count "))
        }
        "s" if log => format!("{title} (logarithmic)"),
        "" => format!("{title} (unit not known)"),
        _ => title,
    }
}
