//! Kernels for x86-64: AVX-512 with VNNI, and AVX2.

use super::plain::product;
use std::arch::x86_64::{
    __m256i, __m512i, _MM_HINT_T0, _mm_add_epi32, _mm_cvtsi128_si32, _mm_loadu_si128, _mm_prefetch,
    _mm_shuffle_epi32, _mm256_add_epi32, _mm256_castsi256_si128, _mm256_cvtepi8_epi16,
    _mm256_extracti128_si256, _mm256_madd_epi16, _mm256_setzero_si256, _mm512_add_epi32,
    _mm512_dpbusd_epi32, _mm512_loadu_si512, _mm512_reduce_add_epi32, _mm512_set1_epi8,
    _mm512_setzero_si512, _mm512_xor_si512,
};

/// Bytes between what is multiplied and what is asked for.
const PREFETCH_BYTES: usize = 4096;

/// `vpdpbusd` multiplies unsigned by signed: 128 is added to the rows by flipping a bit, and
/// 128 times the query's sum taken off in the end. One row after the other: several at once, to
/// load the query less often, was no faster, since memory is what is waited for.
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
pub(super) fn avx512_vnni(rows: &[i8], query: &[i8], products: &mut [i32]) {
    let (strides, rest) = query.as_chunks::<64>();
    let excess = 128 * strides.iter().flatten().map(|v| i32::from(*v)).sum::<i32>();
    for (row, place) in rows.chunks_exact(query.len().max(1)).zip(products) {
        let (parts, row_rest) = row.as_chunks::<64>();
        let mut sums = [_mm512_setzero_si512(); 2];
        for (index, (row, part)) in parts.iter().zip(strides).enumerate() {
            prefetch(row);
            sums[index % 2] = multiply_add(sums[index % 2], row, load_512(part));
        }
        let sum = _mm512_reduce_add_epi32(_mm512_add_epi32(sums[0], sums[1]));
        *place = sum - excess + product(row_rest, rest);
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn multiply_add(sum: __m512i, row: &[i8; 64], part: __m512i) -> __m512i {
    let flipped = _mm512_xor_si512(load_512(row), _mm512_set1_epi8(i8::MIN));
    _mm512_dpbusd_epi32(sum, flipped, part)
}

/// Asks for what is needed some rows later: the CPU's own prefetching, made for smaller loads,
/// falls behind.
#[expect(unsafe_code, reason = "an address that is only a hint")]
fn prefetch(row: &[i8; 64]) {
    let ahead = row.as_ptr().wrapping_add(PREFETCH_BYTES);
    // SAFETY: a hint never faults, whatever the address; nothing is read.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(ahead) };
}

#[target_feature(enable = "avx512f")]
#[expect(unsafe_code, reason = "loading from memory")]
fn load_512(values: &[i8; 64]) -> __m512i {
    // SAFETY: 64 bytes can be read at the reference; unaligned addresses are allowed.
    unsafe { _mm512_loadu_si512(values.as_ptr().cast()) }
}

/// Widens to 16 bits first: the 8-bit product of AVX2 overflows.
#[target_feature(enable = "avx2")]
pub(super) fn avx2(rows: &[i8], query: &[i8], products: &mut [i32]) {
    let (strides, rest) = query.as_chunks::<32>();
    for (row, place) in rows.chunks_exact(query.len().max(1)).zip(products) {
        let (parts, row_rest) = row.as_chunks::<32>();
        let mut sums = [_mm256_setzero_si256(); 2];
        for (row, part) in parts.iter().zip(strides) {
            let ((row_a, row_b), (a, b)) = (row.split_at(16), part.split_at(16));
            let first = _mm256_madd_epi16(load_wide(row_a), load_wide(a));
            let second = _mm256_madd_epi16(load_wide(row_b), load_wide(b));
            sums[0] = _mm256_add_epi32(sums[0], first);
            sums[1] = _mm256_add_epi32(sums[1], second);
        }
        *place = reduce_256(_mm256_add_epi32(sums[0], sums[1])) + product(row_rest, rest);
    }
}

#[target_feature(enable = "avx2")]
fn reduce_256(sum: __m256i) -> i32 {
    let sum = _mm_add_epi32(
        _mm256_castsi256_si128(sum),
        _mm256_extracti128_si256::<1>(sum),
    );
    let sum = _mm_add_epi32(sum, _mm_shuffle_epi32::<0b01_00_11_10>(sum));
    _mm_cvtsi128_si32(_mm_add_epi32(sum, _mm_shuffle_epi32::<0b00_00_00_01>(sum)))
}

/// The first 16 values, with 16 bits each.
#[target_feature(enable = "avx2")]
#[expect(unsafe_code, reason = "loading from memory")]
fn load_wide(values: &[i8]) -> __m256i {
    assert!(values.len() >= 16);
    // SAFETY: 16 bytes can be read at the reference; unaligned addresses are allowed.
    _mm256_cvtepi8_epi16(unsafe { _mm_loadu_si128(values.as_ptr().cast()) })
}
