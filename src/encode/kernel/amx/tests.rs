//! The software of the tile instructions against their definition, and the instructions against it.

use super::emulated::Emulated;
use super::*;

/// Words of bf16 of many magnitudes and of both signs, a tenth of them denormal.
fn words(count: usize, seed: u32) -> Vec<u32> {
    let mut state = seed;
    let mut half = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let bits = state >> 16;
        let exponent = if bits.is_multiple_of(10) { 0 } else { 110 + bits % 30 };
        (bits & 0x8000) | exponent << 7 | (state >> 9 & 0x7f)
    };
    (0..count).map(|_| half() << 16 | half()).collect()
}

/// The sums of a 16 × 16 × 32 product of bf16 on top of others, with room beside the tile in every matrix.
fn multiply(
    tiles: &mut impl TileUnit,
    left: &[u32],
    right: &[u32],
    start: &[f32],
    bytes: bool,
) -> Vec<f32> {
    let start: Vec<u32> = start.iter().map(|x| x.to_bits()).collect();
    let mut out = vec![7.0; 16 * 20];
    tiles.load::<0>(&start, 16);
    tiles.load::<4>(left, 24);
    tiles.load::<6>(right, 32);
    if bytes {
        tiles.add_bytes::<0, 4, 6>();
    } else {
        tiles.add_halves::<0, 4, 6>();
    }
    tiles.store::<0>(&mut out, 20);
    out
}

#[test]
fn products_of_bf16_are_near_those_in_double_precision() {
    let (left, right) = (words(16 * 24, 1), words(16 * 32, 2));
    let out = multiply(&mut Emulated::default(), &left, &right, &[0.5; 256], false);
    let parts = |word: u32| {
        [word << 16, word & 0xffff_0000]
            .map(f32::from_bits)
            .map(|x| if x.is_subnormal() { 0.0 } else { f64::from(x) })
    };
    for (i, row) in out.chunks(20).enumerate() {
        for (j, value) in row[..16].iter().enumerate() {
            let terms = (0..16).flat_map(|k| {
                let (x, y) = (parts(left[i * 24 + k]), parts(right[k * 32 + j]));
                [x[0] * y[0], x[1] * y[1]]
            });
            let (exact, size) =
                terms.fold((0.5, 0.5), |(sum, size), term| (sum + term, size + term.abs()));
            assert!((f64::from(*value) - exact).abs() <= 1e-6 * size, "{value} {exact}");
        }
        assert!(
            row[16..].iter().all(|x| x.to_bits() == 7.0_f32.to_bits()),
            "nothing beside the tile is written"
        );
    }
}

#[test]
fn products_of_bytes_are_exact() {
    let (left, right) = (words(16 * 24, 3), words(16 * 32, 4));
    let start = [f32::from_bits(1000); 256];
    let out = multiply(&mut Emulated::default(), &left, &right, &start, true);
    for (i, row) in out.chunks(20).enumerate() {
        for (j, value) in row[..16].iter().enumerate() {
            let sum = (0..16).flat_map(|k| {
                let (x, y) = (left[i * 24 + k].to_le_bytes(), right[k * 32 + j].to_le_bytes());
                x.into_iter().zip(y).map(|(x, y)| i32::from(x) * i32::from(y.cast_signed()))
            });
            assert_eq!(value.to_bits().cast_signed(), 1000 + sum.sum::<i32>());
        }
    }
}

#[test]
fn denormal_numbers_count_as_zero() {
    let denormal = f32::from_bits(0x0001_0000);
    let word = |x: f32| x.to_bits() >> 16;
    let (mut left, mut right) = (vec![0; 16 * 24], vec![0; 16 * 32]);
    // In: a denormal factor. Out: a product that is denormal. Kept: what was in the sums.
    (left[0], right[0]) = (word(denormal), word(1e30));
    (left[24 + 1], right[32 + 1]) = (word(1e-30), word(1e-10));
    let out = multiply(&mut Emulated::default(), &left, &right, &[0.0; 256], false);
    assert!(out.chunks(20).all(|row| row[..16].iter().all(|x| *x == 0.0)));
    let out = multiply(&mut Emulated::default(), &left, &right, &[denormal; 256], false);
    assert!(out.chunks(20).all(|row| row[..16].iter().all(|x| *x == 0.0)));
}

#[test]
#[should_panic(expected = "16 rows of 16 words")]
fn no_tile_is_loaded_from_beyond_its_matrix() {
    Emulated::default().load::<0>(&[0; 15 * 24 + 15], 24);
}

#[test]
#[cfg(target_os = "linux")]
fn the_instructions_give_the_bits_of_the_software() {
    let Some(mut tiles) = instructions::Configured::detect() else {
        println!("skipped: no AMX");
        return;
    };
    for seed in 0..200 {
        let (left, right) = (words(16 * 24, seed), words(16 * 32, seed + 1000));
        let start: Vec<f32> = words(256, seed + 2000)
            .into_iter()
            .map(|word| f32::from_bits(word & 0xffff_0000))
            .collect();
        for bytes in [false, true] {
            let expected = multiply(&mut Emulated::default(), &left, &right, &start, bytes);
            let ours = multiply(&mut tiles, &left, &right, &start, bytes);
            let bits = |numbers: &[f32]| numbers.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&ours), bits(&expected), "seed {seed}");
        }
    }
}
