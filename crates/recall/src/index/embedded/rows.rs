//! Vectors of one project as a scan reads them, in the order of their passages.

use embed::matrix::Matrix;

use super::batch::{StoredVector, VectorLocation};
use crate::Result;
use crate::index::PassageId;
use crate::store::MessageId;

/// Vectors in memory: four columns of the same length.
#[derive(Clone, Debug, Default)]
pub(super) struct VectorRows {
    passages: Vec<i64>,
    locations: Vec<VectorLocation>,
    scales: Vec<f32>,
    high: Vec<i8>,
}

impl VectorRows {
    /// Adds a vector at the end. [`Self::sort`] must follow before anything is looked up.
    pub(super) fn push(&mut self, vector: &StoredVector<'_>) {
        self.passages.push(vector.passage.0);
        self.locations.push(vector.location);
        self.scales.push(vector.scale);
        self.high.extend_from_slice(vector.high);
    }

    /// Brings the rows into the order of their passages.
    pub(super) fn sort(&mut self) {
        if self.passages.is_sorted() {
            return;
        }
        let dimensions = self.high.len() / self.passages.len();
        let mut order: Vec<usize> = (0..self.passages.len()).collect();
        order.sort_unstable_by_key(|row| self.passages[*row]);
        let mut high = Vec::with_capacity(self.high.len());
        for row in &order {
            high.extend_from_slice(&self.high[row * dimensions..(row + 1) * dimensions]);
        }
        *self = Self {
            passages: order.iter().map(|row| self.passages[*row]).collect(),
            locations: order.iter().map(|row| self.locations[*row]).collect(),
            scales: order.iter().map(|row| self.scales[*row]).collect(),
            high,
        };
    }

    pub(super) fn view(&self) -> RowsView<'_> {
        RowsView {
            passages: &self.passages,
            locations: LocationColumn::Memory(&self.locations),
            scales: &self.scales,
            high: &self.high,
        }
    }
}

/// Vectors wherever they are: in memory or in a mapped file.
#[derive(Clone, Copy)]
pub(super) struct RowsView<'a> {
    pub(super) passages: &'a [i64],
    pub(super) locations: LocationColumn<'a>,
    pub(super) scales: &'a [f32],
    pub(super) high: &'a [i8],
}

impl<'a> RowsView<'a> {
    /// What is scanned of them.
    pub(super) fn matrix(&self, dimensions: usize) -> Result<Matrix<'a>> {
        Ok(Matrix::high_only(dimensions, self.high, self.scales)?)
    }

    /// The passage of a row.
    pub(super) fn passage(&self, row: usize) -> PassageId {
        PassageId(self.passages[row])
    }

    /// The rows of a message, with their passages.
    pub(super) fn of_message(
        &self,
        message: MessageId,
    ) -> impl Iterator<Item = (usize, PassageId)> + use<'a> {
        let passages = self.passages;
        let first = PassageId::new(message, 0).0;
        let start = passages.partition_point(|id| *id < first);
        let rows = passages.iter().enumerate().skip(start);
        rows.map(|(row, id)| (row, PassageId(*id)))
            .take_while(move |(_, passage)| passage.message() == message)
    }
}

/// Where the vectors are kept in the database, a location for each row.
#[derive(Clone, Copy)]
pub(super) enum LocationColumn<'a> {
    Memory(&'a [VectorLocation]),
    /// Two numbers for each row: the batch, and the row in it.
    Mapped(&'a [i64]),
}

impl LocationColumn<'_> {
    /// The location of a row's vector; one that doesn't exist where the row doesn't.
    pub(super) fn get(self, row: usize) -> VectorLocation {
        match self {
            Self::Memory(locations) => locations.get(row).copied().unwrap_or_default(),
            Self::Mapped(numbers) => VectorLocation {
                batch: numbers.get(2 * row).copied().unwrap_or_default(),
                row: numbers
                    .get(2 * row + 1)
                    .and_then(|row| u32::try_from(*row).ok())
                    .unwrap_or(0),
            },
        }
    }
}
