//! EF.CVCA: under which keys a terminal's certificate chain may begin (TR-03110-3, A.7.2.4; Doc 9303-11, K.2).

use alloc::vec::Vec;

use chipgate_apdu::{Channel, Command, StatusWord};
use chipgate_lds::{CvcaFile, CvcaReferences, File, PublicKeyReference};

use crate::{ChipError, Malformation, Step, connection::Connection};

/// The file's length.
const LENGTH: usize = 36;

/// Reads EF.CVCA, under the identifiers that DG14 gives or the usual ones; nothing if the chip has no such file. The file is
/// no single data object whose length could be asked for: it has 36 bytes.
pub(crate) async fn read<C: Channel>(
    connection: &mut Connection<C>,
    location: Option<&CvcaFile>,
) -> Result<Vec<PublicKeyReference>, ChipError> {
    let identifier = location.map_or(File::Cvca.identifier(), |file| file.identifier);
    let select = Command::new(0x00, 0xA4, 0x02, 0x0C).with_data(identifier.to_be_bytes());
    let status = connection.send(Step::SelectFile, &select).await?.status;
    match status {
        StatusWord::SUCCESS => {}
        StatusWord::FILE_NOT_FOUND => return Ok(Vec::new()),
        status => {
            return Err(ChipError::Protocol {
                step: Step::SelectFile,
                status,
            });
        }
    }
    let step = Step::ReadCvca;
    // Shorter files than the standard's give what they have, with a warning or when they are asked for all.
    for length in [LENGTH, 256] {
        let response = connection
            .send(step, &Command::new(0x00, 0xB0, 0x00, 0x00).expecting(length))
            .await?;
        match response.status {
            StatusWord::SUCCESS | StatusWord::END_OF_FILE if !response.data.is_empty() => {
                return CvcaReferences::parse(&response.data)
                    .map(|references| references.all().cloned().collect())
                    .map_err(|error| ChipError::malformed(step, Malformation::Lds(error)));
            }
            status if length == 256 => return Err(ChipError::Protocol { step, status }),
            _ => {}
        }
    }
    Ok(Vec::new())
}
