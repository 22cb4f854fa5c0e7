//! Styles of a log's text, as classes of CSS can show them.

use serde::{Deserialize, Serialize};

/// A colour of a terminal. Other colours are reduced to the nearest of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Colour {
    Black,
    Red,
    Green,
    Yellow,
    Blue,
    Magenta,
    Cyan,
    White,
    BrightBlack,
    BrightRed,
    BrightGreen,
    BrightYellow,
    BrightBlue,
    BrightMagenta,
    BrightCyan,
    BrightWhite,
}

/// The colours with their names and xterm's red, green and blue, by their number.
const COLOURS: [(Colour, &str, [u8; 3]); 16] = [
    (Colour::Black, "black", [0, 0, 0]),
    (Colour::Red, "red", [205, 0, 0]),
    (Colour::Green, "green", [0, 205, 0]),
    (Colour::Yellow, "yellow", [205, 205, 0]),
    (Colour::Blue, "blue", [0, 0, 238]),
    (Colour::Magenta, "magenta", [205, 0, 205]),
    (Colour::Cyan, "cyan", [0, 205, 205]),
    (Colour::White, "white", [229, 229, 229]),
    (Colour::BrightBlack, "bright-black", [127, 127, 127]),
    (Colour::BrightRed, "bright-red", [255, 0, 0]),
    (Colour::BrightGreen, "bright-green", [0, 255, 0]),
    (Colour::BrightYellow, "bright-yellow", [255, 255, 0]),
    (Colour::BrightBlue, "bright-blue", [92, 92, 255]),
    (Colour::BrightMagenta, "bright-magenta", [255, 0, 255]),
    (Colour::BrightCyan, "bright-cyan", [0, 255, 255]),
    (Colour::BrightWhite, "bright-white", [255, 255, 255]),
];

/// The levels of red, green and blue in the colours 16 to 231 of xterm's palette.
const CUBE: [u8; 6] = [0, 95, 135, 175, 215, 255];

impl Colour {
    /// The colour's name in kebab case: `bright-red`.
    #[must_use]
    pub fn name(self) -> &'static str {
        COLOURS.iter().find(|(colour, ..)| *colour == self).map_or("", |(_, name, _)| name)
    }

    /// One of the 16 colours by its number.
    fn of_16(number: u16) -> Option<Self> {
        COLOURS.get(usize::from(number)).map(|(colour, ..)| *colour)
    }

    /// One of the 256 colours of xterm's palette: 16 colours, a cube of 216, and 24 greys.
    fn of_256(number: u16) -> Option<Self> {
        let level = |at: u16| CUBE[usize::from(at % 6)];
        match number {
            0..=15 => Self::of_16(number),
            16..=231 => {
                let at = number - 16;
                Some(Self::nearest([level(at / 36), level(at / 6), level(at)]))
            }
            232..=255 => {
                let grey = u8::try_from(8 + (number - 232) * 10).ok()?;
                Some(Self::nearest([grey; 3]))
            }
            _ => None,
        }
    }

    fn nearest(rgb: [u8; 3]) -> Self {
        let distance = |other: [u8; 3]| -> u32 {
            rgb.iter().zip(other).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
        };
        let nearest = COLOURS.iter().min_by_key(|(.., other)| distance(*other));
        nearest.map_or(Self::White, |(colour, ..)| *colour)
    }
}

/// How a text is shown. `None` is the page's own colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Style {
    pub colour: Option<Colour>,
    pub background: Option<Colour>,
    pub bold: bool,
    pub dim: bool,
    pub italic: bool,
    pub underline: bool,
    /// Text and background exchange their colours.
    pub inverse: bool,
}

impl Style {
    /// The classes of CSS, separated by blanks: `colour-red bold`. Empty for plain text.
    #[must_use]
    pub fn classes(&self) -> String {
        let colours = [("colour-", self.colour), ("background-", self.background)];
        let named = colours
            .into_iter()
            .filter_map(|(prefix, colour)| Some(format!("{prefix}{}", colour?.name())));
        let flags = [
            (self.bold, "bold"),
            (self.dim, "dim"),
            (self.italic, "italic"),
            (self.underline, "underline"),
            (self.inverse, "inverse"),
        ];
        let set = flags.into_iter().filter(|(is_set, _)| *is_set).map(|(_, name)| name.to_owned());
        named.chain(set).collect::<Vec<_>>().join(" ")
    }

    /// Applies a change of style (SGR, ECMA-48 8.3.117). Unknown parameters are ignored. So is “concealed”: a log
    /// hides nothing from its reader.
    pub(super) fn apply(&mut self, parameters: &str) {
        // Sequences that begin with one of `<=>?` are private to a terminal and have another meaning.
        if parameters.starts_with(['<', '=', '>', '?']) {
            return;
        }
        let mut parts = parameters.split(';');
        while let Some(part) = parts.next() {
            let mut numbers = part.split(':').map(number);
            match numbers.next().flatten() {
                Some(code @ (38 | 48)) => {
                    let colour = match part.contains(':') {
                        true => extended(&numbers.collect::<Vec<_>>()),
                        false => extended_in(&mut parts),
                    };
                    match code {
                        38 => self.colour = colour.or(self.colour),
                        _ => self.background = colour.or(self.background),
                    }
                }
                // `4:0` is no underline, `4:3` a curly one.
                Some(4) => self.underline = numbers.next() != Some(Some(0)),
                Some(code) => self.set(code),
                None => {}
            }
        }
    }

    fn set(&mut self, code: u16) {
        match code {
            0 => *self = Self::default(),
            1 => self.bold = true,
            2 => self.dim = true,
            3 => self.italic = true,
            21 => self.underline = true,
            7 => self.inverse = true,
            22 => (self.bold, self.dim) = (false, false),
            23 => self.italic = false,
            24 => self.underline = false,
            27 => self.inverse = false,
            30..=37 => self.colour = Colour::of_16(code - 30),
            39 => self.colour = None,
            40..=47 => self.background = Colour::of_16(code - 40),
            49 => self.background = None,
            90..=97 => self.colour = Colour::of_16(code - 90 + 8),
            100..=107 => self.background = Colour::of_16(code - 100 + 8),
            _ => {}
        }
    }
}

/// A number; an empty one is 0.
fn number(text: &str) -> Option<u16> {
    if text.is_empty() { Some(0) } else { text.parse().ok() }
}

/// A colour in the parameters after `38` or `48`: `5;208` or `2;255;0;0`.
fn extended_in<'a>(parts: &mut impl Iterator<Item = &'a str>) -> Option<Colour> {
    let kind = number(parts.next()?)?;
    let count = match kind {
        5 => 1,
        2 => 3,
        _ => return None,
    };
    let values = parts.take(count).map(number);
    extended(&std::iter::once(Some(kind)).chain(values).collect::<Vec<_>>())
}

/// A colour: `5` and its number, or `2`, perhaps a colour space, and red, green and blue.
fn extended(numbers: &[Option<u16>]) -> Option<Colour> {
    match numbers {
        [Some(5), Some(number), ..] => Colour::of_256(*number),
        [Some(2), rest @ ..] => {
            let rgb = if rest.len() > 3 { rest.get(1..4)? } else { rest };
            let [red, green, blue] = *rgb else { return None };
            let level = |value: Option<u16>| u8::try_from(value?).ok();
            Some(Colour::nearest([level(red)?, level(green)?, level(blue)?]))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(sequences: &[&str]) -> String {
        let mut style = Style::default();
        sequences.iter().for_each(|parameters| style.apply(parameters));
        style.classes()
    }

    #[test]
    fn colours_of_16_256_and_24_bits_become_one_of_16() {
        for (parameters, classes) in [
            ("31", "colour-red"),
            ("94", "colour-bright-blue"),
            ("42;97", "colour-bright-white background-green"),
            ("103", "background-bright-yellow"),
            ("38;5;9", "colour-bright-red"),
            ("38;5;196", "colour-bright-red"),
            ("38;5;21", "colour-blue"),
            ("48;5;255", "background-white"),
            ("38;5;232", "colour-black"),
            ("38;2;250;5;5", "colour-bright-red"),
            ("38;2;0;200;0;1", "colour-green bold"),
            ("38:2::250:5:5", "colour-bright-red"),
            ("38:2:250:5:5", "colour-bright-red"),
            ("38:5:9;4", "colour-bright-red underline"),
        ] {
            assert_eq!(after(&[parameters]), classes, "{parameters}");
        }
    }

    #[test]
    fn styles_add_up_until_they_are_reset() {
        for (sequences, classes) in [
            (&["1", "3", "4", "7"][..], "bold italic underline inverse"),
            (&["1;2", "22"], ""),
            (&["1;31", ""], ""),
            (&["1;31", "0"], ""),
            (&["31;41", "39"], "background-red"),
            (&["31;41", "49"], "colour-red"),
            (&["3;4;7", "23;24;27"], ""),
            (&["4:3"], "underline"),
            (&["4", "4:0"], ""),
            (&["21"], "underline"),
        ] {
            assert_eq!(after(sequences), classes, "{sequences:?}");
        }
    }

    #[test]
    fn broken_private_and_unknown_parameters_change_nothing() {
        for parameters in [
            "38",
            "38;5",
            "38;5;256",
            "38;5;-1",
            "38;2;1;2",
            "38;2;1;2;256",
            "38;9",
            "99999999",
            "x",
            "8",
            ">4;2",
            "?25",
            "38:2",
            "48:5",
        ] {
            assert_eq!(after(&["32", parameters]), "colour-green", "{parameters}");
        }
    }

    #[test]
    fn each_colour_has_its_own_number_and_name() {
        for (number, (colour, name, rgb)) in (0..).zip(COLOURS) {
            assert_eq!(Colour::of_16(number), Some(colour));
            assert_eq!(Colour::nearest(rgb), colour);
            assert_eq!(colour.name(), name);
            assert_eq!(serde_json::to_string(&colour).expect("JSON"), format!("\"{name}\""));
        }
    }
}
