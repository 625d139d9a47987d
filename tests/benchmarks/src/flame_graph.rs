//! Stacks as a flame graph: a frame is as wide as the instructions of its function and of all that it calls.

use std::{collections::BTreeMap, path::Path};

use svg::{
    Document,
    node::element::{Group, Rectangle, Text, Title},
};

use crate::stacks::Stacks;

const WIDTH: f64 = 1200.0;
const HEAD: f64 = 34.0;
const FOOT: f64 = 8.0;
const ROW: f64 = 16.0;
/// A narrower frame can't be seen, and its callees with it.
const NARROWEST: f64 = 0.8;
const LETTER: f64 = 6.0;
const COLOURS: [&str; 5] = ["#f4b183", "#f7c99b", "#f2a36b", "#f8d5a8", "#efb98a"];

/// A function as it was called from one place, with all that it calls.
#[derive(Default)]
struct Frame {
    instructions: u64,
    callees: BTreeMap<String, Frame>,
}

/// How frames become rectangles.
struct Drawing {
    /// The width of an instruction.
    scale: f64,
    height: f64,
    /// Instructions of the whole.
    all: u64,
}

/// Draws them.
pub(crate) fn draw(title: &str, stacks: &Stacks, file: &Path) -> Result<(), String> {
    let root = Frame::of(stacks);
    let deepest = root.depth(WIDTH / whole(root.instructions));
    let height = HEAD + ROW * f64::from(deepest) + FOOT;
    let mut document = Document::new()
        .set("viewBox", (0, 0, WIDTH, height))
        .set("font-family", "sans-serif")
        .set("font-size", 11)
        .add(Rectangle::new().set("width", "100%").set("height", "100%").set("fill", "white"))
        .add(Text::new(title).set("x", 8).set("y", 20).set("font-size", 15));
    let scale = WIDTH / whole(root.instructions);
    let mut drawn = Vec::new();
    Drawing {
        scale,
        height,
        all: root.instructions,
    }
    .place(&root, 0.0, 0, &mut drawn);
    for frame in drawn {
        document = document.add(frame);
    }
    svg::save(file, &document).map_err(|error| format!("{}: {error}", file.display()))
}

impl Frame {
    fn of(stacks: &Stacks) -> Self {
        let mut root = Self::default();
        for (stack, instructions) in stacks {
            root.instructions += instructions;
            let mut frame = &mut root;
            for name in stack {
                frame = frame.callees.entry(name.clone()).or_default();
                frame.instructions += instructions;
            }
        }
        root.without_prelude()
    }

    /// What leads to the first function that does two things is the same for all: the start of the process, and of the runtime.
    fn without_prelude(mut self) -> Self {
        loop {
            let of_all = self
                .callees
                .iter()
                .find(|(_, callee)| callee.instructions * 20 >= self.instructions * 19);
            match of_all.map(|(name, _)| name.clone()) {
                Some(name) if self.callees.len() == 1 => self = self.callees.remove(&name).unwrap_or_default(),
                _ => return self,
            }
        }
    }

    fn depth(&self, scale: f64) -> u32 {
        let wide = self
            .callees
            .values()
            .filter(|callee| whole(callee.instructions) * scale >= NARROWEST);
        wide.map(|callee| 1 + callee.depth(scale)).max().unwrap_or(0)
    }
}

impl Drawing {
    /// The callees of a frame, from `left` on, above it.
    fn place(&self, frame: &Frame, mut left: f64, depth: u32, drawn: &mut Vec<Group>) {
        for (name, callee) in &frame.callees {
            let width = whole(callee.instructions) * self.scale;
            if width >= NARROWEST {
                drawn.push(self.callee(name, callee, left, depth));
                self.place(callee, left, depth + 1, drawn);
            }
            left += width;
        }
    }

    fn callee(&self, name: &str, callee: &Frame, left: f64, depth: u32) -> Group {
        let (width, top) = (
            whole(callee.instructions) * self.scale,
            self.height - FOOT - ROW * f64::from(depth + 1),
        );
        let share = whole(callee.instructions) * 100.0 / whole(self.all);
        let told = format!("{name}: {} instructions, {share:.1} %", callee.instructions);
        let rectangle = Rectangle::new()
            .set("x", rounded(left))
            .set("y", top)
            .set("width", rounded((width - 0.3).max(0.1)))
            .set("height", ROW - 1.0)
            .set("fill", COLOURS[name.len() % COLOURS.len()]);
        let frame = Group::new().add(Title::new(told)).add(rectangle);
        match label(name, width) {
            Some(label) => frame.add(Text::new(label).set("x", rounded(left + 2.0)).set("y", top + 11.0)),
            None => frame,
        }
    }
}

/// As much of a function's name as there is room for: its end says more than the path to it.
fn label(name: &str, width: f64) -> Option<String> {
    let name = name.replace("::{{closure}}", "");
    let letters = name.chars().count();
    let room = (0..=letters)
        .rev()
        .find(|count| f64::from(u32::try_from(*count).unwrap_or(u32::MAX)) * LETTER <= width - 4.0)?;
    match room {
        0..4 => None,
        _ if room == letters => Some(name),
        _ => Some(format!("…{}", name.chars().skip(letters - room + 1).collect::<String>())),
    }
}

/// Counts far below the 2^53 that an f64 has room for.
#[expect(clippy::cast_precision_loss, reason = "a drawing has fewer dots than that")]
fn whole(count: u64) -> f64 {
    count as f64
}

fn rounded(length: f64) -> f64 {
    (length * 100.0).round() / 100.0
}
