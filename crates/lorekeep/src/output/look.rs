//! How a stream looks: its colours and width. Decided once, from flags, environment and terminal.

use clap::ValueEnum;

use crate::settings;

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    // On a terminal, unless `NO_COLOR` is set. No doc comments here: they would lengthen the help.
    #[default]
    Auto,
    // Even where the output is no terminal.
    Always,
    Never,
}

/// How text looks on one stream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StreamLook {
    /// Whether colours and weights are used.
    pub(crate) color: bool,
    /// Columns to lay out for.
    pub(crate) width: usize,
    /// Whether a table's cells are cut to fit; not so where a program may read them.
    pub(crate) clip: bool,
}

/// The width where nothing tells: what terminals have by custom.
const DEFAULT_COLUMNS: usize = 80;

impl StreamLook {
    /// The look of a stream, by what the environment says and by whether it is a terminal.
    pub(crate) fn new(is_terminal: bool, environment: settings::Terminal) -> Self {
        let wanted = environment.force_color || (is_terminal && !environment.dumb);
        let measured = if is_terminal { columns() } else { None };
        let width = environment.columns.or(measured);
        Self {
            color: wanted && !environment.no_color,
            width: width.unwrap_or(DEFAULT_COLUMNS).max(20),
            clip: is_terminal || width.is_some(),
        }
    }

    /// Heeds what the person said of colour, which counts more than terminal and environment.
    pub(crate) fn choose_color(&mut self, choice: ColorChoice) {
        match choice {
            ColorChoice::Auto => {}
            ColorChoice::Always => self.color = true,
            ColorChoice::Never => self.color = false,
        }
    }

    /// Without colour, at 80 columns.
    #[cfg(test)]
    pub(crate) fn plain() -> Self {
        Self {
            color: false,
            width: DEFAULT_COLUMNS,
            clip: true,
        }
    }
}

fn columns() -> Option<usize> {
    terminal_size::terminal_size().map(|(terminal_size::Width(width), _)| usize::from(width))
}

/// What a piece of text is, which decides its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    /// Text without any emphasis.
    Plain,
    /// A heading or a title.
    Title,
    /// Something less important.
    Dim,
    /// What matched a query.
    Match,
    /// A name: a project, a source, a setting.
    Name,
    /// Something is as it should be.
    Good,
    /// Something that a person should look at.
    Warn,
    /// Something failed or is wrong.
    Bad,
}

impl Ink {
    /// The parameters of its escape sequence; only the sixteen colours that every scheme of a
    /// terminal defines, so that text stays readable on light and dark.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Title => "1",
            Self::Dim => "2",
            Self::Match => "1;33",
            Self::Name => "36",
            Self::Good => "32",
            Self::Warn => "33",
            Self::Bad => "1;31",
        }
    }
}
