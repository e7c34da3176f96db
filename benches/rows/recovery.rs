//! A recovery code checked against sets of several sizes. The time should not depend on the content
//! of the set, or on the position of the match.

use std::convert::Infallible;
use std::hint::black_box;
use std::rc::Rc;

use otp_core::recovery::{Keyed, Length, Pepper, Set};
use otp_core::verifier::{State, Swap, Verifier};

use super::Row;

const USER: &[u8] = b"user 17";

pub(super) fn rows() -> Vec<Row> {
    let mut rows = of::<10>("recovery, set of 10", false);
    rows.extend(of::<1>(GROWTH, true));
    rows.extend(of::<4>(GROWTH, true));
    rows.extend(of::<10>(GROWTH, true));
    rows.extend(of::<16>(GROWTH, true));
    rows.extend(of::<32>(GROWTH, true));
    rows
}

const GROWTH: &str = "code of a recovery set";

fn of<const N: usize>(group: &'static str, is_growth: bool) -> Vec<Row> {
    let pepper = Rc::new(Pepper::new(1, &[0x5a; 32]).expect("it is long enough"));
    let mut state = 1_u64;
    let fill = |bytes: &mut [u8]| {
        bytes.fill_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        });
        Ok::<(), Infallible>(())
    };
    let mut codes = Vec::new();
    let set: Set<N> = Set::generate(fill, Keyed, Length::DEFAULT, &pepper, USER, |_, code| {
        codes.push(code.expose().to_owned());
    })
    .expect("the generator never fails");
    let (first, last) = (codes[0].clone(), codes[N - 1].clone());
    let mut used = set.clone();
    let redeemed = Verifier::DEFAULT.redeem(&set, &pepper, USER, State::for_recovery(), &last, 0);
    let settled = redeemed.expect("the time is right").commit(|next, _, _| {
        used.clone_from(next);
        Ok::<_, Infallible>(Swap::Stored)
    });
    drop(settled);
    let miss = "0".repeat(24);

    let row = |name: &str, set: &Set<N>, code: &str| {
        let (pepper, set, code) = (pepper.clone(), set.clone(), code.to_owned());
        Row::new(group, name, move || {
            let state = State::for_recovery();
            drop(black_box(Verifier::DEFAULT.redeem(
                &set,
                &pepper,
                USER,
                state,
                black_box(&code),
                0,
            )));
        })
    };
    if is_growth {
        return vec![row("", &set, &last).grows_by(u32::try_from(N).expect("it is small"))];
    }
    let hit = "redeem, first code";
    vec![
        row(hit, &set, &first),
        row("redeem, last code", &set, &last).beside(hit),
        row("redeem, used code", &used, &last).beside(hit),
        row("redeem, wrong code", &set, &miss).beside(hit),
    ]
}
