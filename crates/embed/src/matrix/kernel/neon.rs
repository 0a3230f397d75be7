//! The kernel for 64-bit ARM.

use super::plain::product;
use std::arch::aarch64::{
    int8x16_t, vaddvq_s32, vdupq_n_s32, vget_high_s8, vget_low_s8, vld1q_s8, vmull_s8, vpadalq_s16,
};

/// Products of 16 bits, added in pairs to sums of 32: exact for every value.
#[target_feature(enable = "neon")]
pub(super) fn neon(rows: &[i8], query: &[i8], products: &mut [i32]) {
    let (strides, rest) = query.as_chunks::<16>();
    for (row, place) in rows.chunks_exact(query.len().max(1)).zip(products) {
        let (parts, row_rest) = row.as_chunks::<16>();
        let mut sums = [vdupq_n_s32(0); 2];
        for (row, part) in parts.iter().zip(strides) {
            let (row, part) = (load(row), load(part));
            sums[0] = vpadalq_s16(sums[0], vmull_s8(vget_low_s8(row), vget_low_s8(part)));
            sums[1] = vpadalq_s16(sums[1], vmull_s8(vget_high_s8(row), vget_high_s8(part)));
        }
        *place = vaddvq_s32(sums[0]) + vaddvq_s32(sums[1]) + product(row_rest, rest);
    }
}

#[target_feature(enable = "neon")]
#[expect(unsafe_code, reason = "loading from memory")]
fn load(values: &[i8; 16]) -> int8x16_t {
    // SAFETY: 16 bytes can be read at the reference; there is no demand on alignment.
    unsafe { vld1q_s8(values.as_ptr()) }
}
