//! `emrtd` before the card in the first reader: `emrtd-peer NUMBER BIRTH EXPIRY IDENTIFIER…` opens it by basic access control and prints
//! the files with these identifiers, a line each.

use std::{error::Error, time::Duration};

use emrtd::{EmrtdComms, other_mrz};
use pcsc::{Context, Protocols, ReaderState, Scope, ShareMode, State};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [number, birth, expiry, identifiers @ ..] = &arguments[..] else {
        return Err("emrtd-peer NUMBER BIRTH EXPIRY IDENTIFIER…".into());
    };
    let context = Context::establish(Scope::User)?;
    let reader = context.list_readers_owned()?.swap_remove(0);
    let mut states = [ReaderState::new(reader.clone(), State::UNAWARE)];
    while !states[0].event_state().contains(State::PRESENT) {
        states[0].sync_current_state();
        context.get_status_change(Duration::from_secs(10), &mut states)?;
    }
    let card = context.connect(&reader, ShareMode::Exclusive, Protocols::ANY)?;
    let mut chip = EmrtdComms::new(card);
    chip.select_emrtd_application()?;
    chip.establish_bac_session_keys(other_mrz(number, birth, expiry)?.as_bytes())?;
    for identifier in identifiers {
        chip.select_ef(
            &u16::from_str_radix(identifier, 16)?.to_be_bytes(),
            identifier,
            true,
        )?;
        println!("{}", hex::encode(chip.read_data_from_ef(true)?));
    }
    Ok(())
}
