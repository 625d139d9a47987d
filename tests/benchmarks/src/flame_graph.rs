//! Stacks as a flame graph: a frame is as wide as the instructions of its function and of all that it calls.

use std::{collections::BTreeMap, path::Path};

use svg::{
    Document,
    node::element::{Group, Rectangle, Text, Title},
};

use crate::{record::make_folder_of, stacks::Stacks};

const WIDTH: f64 = 1200.0;
const HEAD: f64 = 34.0;
const FOOT: f64 = 8.0;
const ROW: f64 = 16.0;
/// A narrower frame can't be seen, and its callees with it.
const NARROWEST: f64 = 0.8;
const LETTER: f64 = 6.0;
const FEWEST_LETTERS: usize = 4;
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
    /// How often it was done.
    times: u64,
}

/// Draws what so many of the same took together.
pub(crate) fn draw(title: &str, stacks: &Stacks, times: u32, file: &Path) -> Result<(), String> {
    let root = Frame::of(stacks);
    let scale = WIDTH / whole(root.instructions);
    let drawing = Drawing {
        scale,
        height: HEAD + ROW * f64::from(root.depth(scale)) + FOOT,
        all: root.instructions,
        times: times.into(),
    };
    let head = Document::new()
        .set("viewBox", (0, 0, WIDTH, drawing.height))
        .set("font-family", "sans-serif")
        .set("font-size", 11)
        .add(Rectangle::new().set("width", "100%").set("height", "100%").set("fill", "white"))
        .add(Text::new(title).set("x", 8).set("y", 20).set("font-size", 15));
    let document = drawing.with_callees(head, &root, 0.0, 0);
    make_folder_of(file)?;
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

    /// What does nothing but call one function is the start of the process, and the same for all.
    fn without_prelude(mut self) -> Self {
        while self.callees.len() == 1 {
            match self.callees.pop_first() {
                Some((_, callee)) if callee.instructions == self.instructions => self = callee,
                Some((name, callee)) => {
                    self.callees.insert(name, callee);
                    break;
                }
                None => break,
            }
        }
        self
    }

    /// Rows above it.
    fn depth(&self, scale: f64) -> u32 {
        let wide = self
            .callees
            .values()
            .filter(|callee| whole(callee.instructions) * scale >= NARROWEST);
        wide.map(|callee| 1 + callee.depth(scale)).max().unwrap_or(0)
    }
}

impl Drawing {
    /// With the callees of a frame, from `left` on, above it.
    fn with_callees(&self, mut document: Document, frame: &Frame, mut left: f64, depth: u32) -> Document {
        for (name, callee) in &frame.callees {
            let width = whole(callee.instructions) * self.scale;
            if width >= NARROWEST {
                document = document.add(self.callee(name, callee, left, depth));
                document = self.with_callees(document, callee, left, depth + 1);
            }
            left += width;
        }
        document
    }

    fn callee(&self, name: &str, callee: &Frame, left: f64, depth: u32) -> Group {
        let (width, top) = (
            whole(callee.instructions) * self.scale,
            self.height - FOOT - ROW * f64::from(depth + 1),
        );
        let share = whole(callee.instructions) * 100.0 / whole(self.all);
        let told = format!("{name}: {} instructions, {share:.1} %", callee.instructions / self.times);
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

/// As much of a function's name as there is room for, which is its end where there is not enough.
fn label(name: &str, width: f64) -> Option<String> {
    let name = short(name);
    let letters = name.chars().count();
    let fits = |count: &usize| f64::from(u32::try_from(*count).unwrap_or(u32::MAX)) * LETTER <= width - 4.0;
    if fits(&letters) {
        return Some(name);
    }
    let room = (FEWEST_LETTERS..letters).rev().find(fits)?;
    Some(format!("…{}", name.chars().skip(letters - room + 1).collect::<String>()))
}

/// `<Type as Trait>::method` is the type's method, and what it is within a future does not matter.
fn short(name: &str) -> String {
    let name = name.replace("::{{closure}}", "");
    let implemented = name.strip_prefix('<').and_then(|name| {
        let (implementor, rest) = name.split_once(" as ")?;
        let (_, method) = rest.rsplit_once(">::")?;
        Some(format!("{implementor}::{method}"))
    });
    implemented.unwrap_or(name)
}

/// Counts far below the 2^53 that an f64 has room for.
#[expect(clippy::cast_precision_loss, reason = "a drawing has fewer dots than that")]
fn whole(count: u64) -> f64 {
    count as f64
}

fn rounded(length: f64) -> f64 {
    (length * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stacks;

    #[test]
    fn what_does_nothing_but_call_one_function_is_left_out() {
        let names = |of| Frame::of(&stacks::of(of)).callees.into_keys().collect::<Vec<_>>();
        assert_eq!(names(&[(&["start", "main", "a"], 5), (&["start", "main", "b"], 5)]), ["a", "b"]);
        // Two that nothing called, and one that does something itself.
        assert_eq!(names(&[(&["start", "a"], 5), (&["other"], 5)]), ["other", "start"]);
        assert_eq!(names(&[(&["start"], 1), (&["start", "a"], 9)]), ["a"]);
    }

    #[test]
    fn a_name_is_as_long_as_there_is_room_for() {
        for (name, width, expected) in [
            ("new", 30.0, Some("new")),
            ("new", 5.0, None),
            ("phones::handle::{{closure}}", 200.0, Some("phones::handle")),
            ("phones::handle", 50.0, Some("…handle")),
            ("<Pin<P> as Future>::poll", 200.0, Some("Pin<P>::poll")),
        ] {
            assert_eq!(label(name, width).as_deref(), expected, "{name} in {width}");
        }
    }

    #[test]
    fn a_frame_is_as_wide_as_its_instructions() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        draw("Title", &stacks::of(&[(&["a"], 300), (&["b", "c"], 100)]), 4, file.path()).expect("a drawing");
        let drawn = std::fs::read_to_string(file.path()).expect("a drawing");
        assert!(
            drawn.contains("a: 75 instructions, 75.0 %") && drawn.contains("c: 25 instructions, 25.0 %"),
            "{drawn}"
        );
        assert!(drawn.contains("width=\"899.7\"") && drawn.contains("width=\"299.7\""), "{drawn}");
    }
}
