//! Inner products of rows of 8-bit integers with a query, as the CPU does them best.
//!
//! Every kernel gives exactly the same integers, so which machine searches never changes what is
//! found. They are here rather than from a crate such as simsimd, which multiplies two vectors a
//! call and compiles some megabytes of C for it: a scan is bound by memory, and what counts is
//! that nothing stands between one row and the next.

mod plain;
#[cfg(target_arch = "x86_64")]
mod x86;
#[cfg(target_arch = "aarch64")]
mod neon;

/// Rows per call: the products stay in the nearest cache and the call costs nothing.
pub(super) const BLOCK_ROWS: usize = 256;
/// The most components that 32-bit sums can't overflow with, even where all are −128.
pub(super) const MAX_DIMENSIONS: usize = 1 << 16;

/// One implementation of the inner product, for one set of CPU instructions, which a
/// [`Matrix`](super::Matrix) is scanned with. All give the same integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kernel(InstructionSet);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum InstructionSet {
    #[cfg(target_arch = "x86_64")]
    Avx512Vnni,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "aarch64")]
    Neon,
    Plain,
}

impl Kernel {
    /// The fastest kernel that this CPU can run.
    #[must_use]
    pub fn detect() -> Self {
        Self::available()[0]
    }

    /// All kernels that this CPU can run, the fastest first; the last is plain Rust.
    #[must_use]
    pub fn available() -> Vec<Self> {
        let mut ways = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512vnni")
            {
                ways.push(Self(InstructionSet::Avx512Vnni));
            }
            if is_x86_feature_detected!("avx2") {
                ways.push(Self(InstructionSet::Avx2));
            }
        }
        #[cfg(target_arch = "aarch64")]
        if std::arch::is_aarch64_feature_detected!("neon") {
            ways.push(Self(InstructionSet::Neon));
        }
        ways.push(Self(InstructionSet::Plain));
        ways
    }

    /// Writes the inner product of each row with the query to `products`. `rows` holds the rows one
    /// after the other, each as long as the query, as many as `products` has elements.
    ///
    /// # Panics
    /// Where the lengths don't fit, or the query has more than 65,536 components.
    #[expect(unsafe_code, reason = "instructions that not every CPU has")]
    pub fn products(self, rows: &[i8], query: &[i8], products: &mut [i32]) {
        assert!(
            query.len() <= MAX_DIMENSIONS,
            "too many dimensions for 32-bit sums"
        );
        assert_eq!(
            rows.len(),
            query.len() * products.len(),
            "rows of another length"
        );
        match self.0 {
            // SAFETY: a kernel with this way is only made where the CPU has these instructions.
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx512Vnni => unsafe { x86::avx512_vnni(rows, query, products) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx2 => unsafe { x86::avx2(rows, query, products) },
            // SAFETY: as above.
            #[cfg(target_arch = "aarch64")]
            InstructionSet::Neon => unsafe { neon::neon(rows, query, products) },
            InstructionSet::Plain => {
                for (row, place) in rows.chunks_exact(query.len().max(1)).zip(products) {
                    *place = plain::product(row, query);
                }
            }
        }
    }
}
