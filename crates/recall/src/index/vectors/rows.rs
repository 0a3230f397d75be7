//! Rows of vectors of one project, in the order of their passages.

use embed::matrix::Matrix;

use crate::Result;

/// Where a vector is kept: its batch, and its row in that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub(super) struct Place {
    pub(super) seq: i64,
    pub(super) row: u32,
}

/// Rows in memory.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) ids: Vec<i64>,
    pub(super) places: Vec<Place>,
    pub(super) scales: Vec<f32>,
    pub(super) high: Vec<i8>,
}

impl Rows {
    pub(super) fn push(&mut self, place: Place, id: i64, scale: f32, high: &[i8]) {
        self.ids.push(id);
        self.places.push(place);
        self.scales.push(scale);
        self.high.extend_from_slice(high);
    }

    /// Brings the rows into the order of their passages.
    pub(super) fn sort(&mut self) {
        if self.ids.is_sorted() {
            return;
        }
        let width = self.high.len() / self.ids.len();
        let mut order: Vec<usize> = (0..self.ids.len()).collect();
        order.sort_unstable_by_key(|row| self.ids[*row]);
        let mut high = Vec::with_capacity(self.high.len());
        for row in &order {
            high.extend_from_slice(&self.high[row * width..(row + 1) * width]);
        }
        *self = Self {
            ids: order.iter().map(|row| self.ids[*row]).collect(),
            places: order.iter().map(|row| self.places[*row]).collect(),
            scales: order.iter().map(|row| self.scales[*row]).collect(),
            high,
        };
    }

    pub(super) fn view(&self) -> View<'_> {
        View {
            ids: &self.ids,
            places: Places::Memory(&self.places),
            scales: &self.scales,
            high: &self.high,
        }
    }
}

/// Rows wherever they are.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) ids: &'a [i64],
    pub(super) places: Places<'a>,
    pub(super) scales: &'a [f32],
    pub(super) high: &'a [i8],
}

impl<'a> View<'a> {
    pub(super) fn matrix(&self, width: usize) -> Result<Matrix<'a>> {
        Ok(Matrix::high_only(width, self.high, self.scales)?)
    }
}

/// Places wherever they are.
#[derive(Clone, Copy)]
pub(super) enum Places<'a> {
    Memory(&'a [Place]),
    /// Batch and row of each, two numbers.
    Mapped(&'a [i64]),
}

impl Places<'_> {
    pub(super) fn get(self, row: usize) -> Place {
        match self {
            Self::Memory(places) => places.get(row).copied().unwrap_or_default(),
            Self::Mapped(numbers) => Place {
                seq: numbers.get(2 * row).copied().unwrap_or_default(),
                row: numbers
                    .get(2 * row + 1)
                    .and_then(|r| u32::try_from(*r).ok())
                    .unwrap_or(0),
            },
        }
    }
}
