//! PHC strings: written, read back, and refused if another program wrote them.

use super::*;

fn strings<const N: usize, H: Hash>(set: &Set<N, H>) -> Vec<String> {
    assert!(set.phc(N as u8).is_none());
    (0..N as u8).map(|slot| set.phc(slot).unwrap().to_string()).collect()
}

fn read<const N: usize, H: Hash>(strings: &[String]) -> Result<Set<N, H>, SetError> {
    Set::from_phc(core::array::from_fn(|slot| strings[slot].as_str()))
}

/// The strings that the script writes, read back, and the refused strings.
pub(super) fn strings_agree<const N: usize, H: Hash>(set: &Set<N, H>, expected: &[String]) {
    let written = strings(set);
    assert_eq!(written, expected);
    assert_eq!(read::<N, H>(&written).unwrap(), *set);

    // Every string that is not exactly one of ours is refused.
    let good = &written[0];
    let fields: Vec<_> = good.split('$').collect();
    let (params, salt) = (fields[fields.len() - 3], fields[fields.len() - 2]);
    let (first, rest) = params.split_once(',').unwrap();
    let (other_params, pepper) = params.rsplit_once(',').unwrap();
    let bad = [
        String::new(),
        good[1..].to_owned(),
        format!("{good}$"),
        good.rsplit_once('$').unwrap().0.to_owned(),
        good.replace(params, &format!("{params},u=0")),
        good.replace(params, &format!("{params},u=1,u=1")),
        format!("{good}A"),
        good[..good.len() - 1].to_owned(),
        good.replace("id$", "i$").replace("sha256", "sha512"),
        // Another version, or one where there is none.
        match good.contains("$v=19$") {
            true => good.replace("$v=19$", "$v=16$"),
            false => good.replace(params, &format!("v=19${params}")),
        },
        good.replace("keyid=", "keyid=A"),
        good.replace(params, &format!("{first},{params}")),
        good.replace(params, rest),
        good.replace(params, other_params),
        good.replace(params, &format!("{params},x=1")),
        good.replace(params, &format!("{pepper},{other_params}")),
        good.replace(first, &format!("{}=1", &first[..1])),
        good.replace(first, &format!("{}=4294967295", &first[..1])),
        good.replace(first, &format!("{}=0{}", &first[..1], &first[2..])),
        good.replace("n=", "n=1"),
        good.replace(salt, &salt[..20]),
        good.replace(salt, &format!("{salt}AAAA")),
    ];
    let refused = |slot: u8, text: &str| {
        let mut strings = written.clone();
        text.clone_into(&mut strings[usize::from(slot)]);
        read::<N, H>(&strings).unwrap_err()
    };
    for bad in bad {
        assert_eq!(refused(0, &bad), SetError::Phc { slot: 0 }, "{bad}");
    }
    // A string of another set, or a duplicate string, is refused too.
    if N > 1 {
        let other = good.replace(salt, &format!("AAAA{}", &salt[4..]));
        assert_eq!(refused(1, &other), SetError::Phc { slot: 1 });
        assert_eq!(refused(1, &good.replace("g=", "g=1")), SetError::Phc { slot: 1 });
        assert_eq!(refused(1, good), SetError::Alike);
    }
}

/// A string of another system would never match, so it is refused when it is read.
#[cfg(feature = "argon2")]
#[test]
fn a_string_of_another_system_is_refused() {
    use otp_core::recovery::Argon2id;

    let salt_and_hash = "$zSPST3FCdOdENDI3uTKQ9Q$4S0FPnAeVU0Jx3SB5CKIeNZUsLPGMIbx081+6nXk9Rg";
    for head in [
        "$argon2id$v=19$m=19456,t=2,p=1",
        "$argon2id$v=19$m=19456,t=2,p=1,keyid=AAAAAQ",
        "$argon2id$v=19$m=19456,t=2,p=1,keyid=AAAAAQAAAAI",
        "$argon2id$v=19$m=19456,t=2,p=1,data=AAAAAQ",
    ] {
        let set = Set::<1, Argon2id>::from_phc([&format!("{head}{salt_and_hash}")]);
        assert_eq!(set.unwrap_err(), SetError::Phc { slot: 0 });
    }
}

#[test]
fn a_set_with_used_codes_has_its_strings() {
    let (mut set, codes) = generate::<3>(1, USER);
    for (slot, code) in (0_u8..).zip(&codes) {
        set = used(&set, code).unwrap().1;
        let written = strings(&set);
        for (other, text) in (0..).zip(&written) {
            assert_eq!(text.contains(",u=1$"), other <= slot, "{text}");
        }
        assert_eq!(read::<3, Keyed>(&written).unwrap(), set);
    }
    assert_eq!(set.remaining(), 0);
}
