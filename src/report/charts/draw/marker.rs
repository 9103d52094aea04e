//! Shapes of points.

use super::sketch::{INK, Sketch, WHITE, rgb};
use crate::report::charts::{Hue, Marker};

/// Half the size of a shape.
pub(super) const RADIUS: f64 = 6.0;

/// Draws a shape with its middle at `at`, with a white edge that parts it from what it covers.
pub(super) fn draw(s: &mut Sketch, marker: Marker, at: (f64, f64), hue: Hue) {
    let color = rgb(hue);
    let (x, y) = at;
    match marker {
        Marker::Circle => {
            s.dot(at, RADIUS, WHITE);
            s.dot(at, RADIUS - 1.0, color);
        }
        Marker::Ring => {
            s.dot(at, RADIUS - 1.0, color);
            s.dot(at, RADIUS - 2.5, WHITE);
        }
        Marker::Cross => {
            let r = RADIUS - 2.0;
            for (from, to) in [((x - r, y - r), (x + r, y + r)), ((x - r, y + r), (x + r, y - r))] {
                s.line(vec![from, to], WHITE, 4.0);
                s.line(vec![from, to], color, 2.0);
            }
        }
        Marker::Triangle => {
            let corners = |r: f64| vec![(x, y - r), (x + r * 0.95, y + r * 0.75), (x - r * 0.95, y + r * 0.75)];
            s.area(corners(RADIUS + 1.5), WHITE);
            s.area(corners(RADIUS), color);
        }
        Marker::Diamond => {
            let corners = |r: f64| vec![(x, y - r), (x + r, y), (x, y + r), (x - r, y)];
            s.area(corners(RADIUS + 3.0), WHITE);
            s.area(corners(RADIUS + 1.5), color);
        }
        Marker::Star => {
            s.area(star(at, RADIUS + 5.0), WHITE);
            s.area(star(at, RADIUS + 3.5), INK);
            s.area(star(at, RADIUS + 1.5), color);
        }
    }
}

/// Corners of a star with five points.
fn star((x, y): (f64, f64), radius: f64) -> Vec<(f64, f64)> {
    let corner = |k: i32| {
        let r = if k % 2 == 0 { radius } else { radius * 0.45 };
        let angle = f64::from(k) * std::f64::consts::PI / 5.0;
        (x + r * libm::sin(angle), y - r * libm::cos(angle))
    };
    (0..10).map(corner).collect()
}
