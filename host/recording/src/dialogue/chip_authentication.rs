//! Chip authentication as it is followed: the reader's key by its random numbers, and the keys that follow from it.

use chipgate_apdu::tlv::{self, Tag};
use chipgate_crypto::{AgreementPublicKey, Cipher, SessionKeys};
use chipgate_lds::{File, SecurityInfos};

use super::{
    KeyUse,
    interpreter::{Interpreter, dynamic},
    keys, meaning,
};

impl Interpreter<'_> {
    /// The reader's key of chip authentication, and the session keys (Doc 9303-11, 6.2.3).
    pub(super) fn chip_authentication(
        &self,
        data: &[u8],
        set_template: bool,
    ) -> Option<(KeyUse, SessionKeys)> {
        let public = if set_template {
            meaning::object(data, 0x91)?.to_vec()
        } else {
            dynamic(data, 0x80)?
        };
        let infos = self.infos(File::from_name("DG14")?)?;
        let named = meaning::object(data, 0x84);
        let known = infos.chip_authentication_keys();
        let mut candidates: Vec<_> = known.iter().collect();
        // The key that the command names comes first.
        candidates.sort_by_key(|key| named.is_some() && key.key_id.as_deref() != named);
        candidates.into_iter().find_map(|theirs| {
            let cipher = if set_template {
                template_cipher(&infos, theirs.key_id.as_deref())
            } else {
                keys::cipher_of(&self.agreement_protocol?)?
            };
            let theirs = AgreementPublicKey::from_spki_der(&theirs.public_key_der).ok()?;
            let mut key = keys::key_of_public(theirs.group(), &self.draws, &public)?;
            let shared = key.private.agree(&theirs).ok()?;
            key.peer = Some((theirs.to_bytes(), cipher));
            Some((key, SessionKeys::derive(cipher, shared.as_bytes())))
        })
    }
}

/// Whether a successful response of chip authentication is one, so that the reader goes on under the new keys
/// (TR-03110-3, B.2): DO'7C' after GENERAL AUTHENTICATE.
pub(crate) fn agrees(set_template: bool, response: &[u8]) -> bool {
    set_template || tlv::single(response, Tag(0x7C)).is_ok()
}

/// MSE:Set KAT names no protocol: that of DG14 counts, else triple DES.
fn template_cipher(infos: &SecurityInfos, key_id: Option<&[u8]>) -> Cipher {
    let infos = infos.chip_authentication();
    let named = infos.iter().find(|info| info.key_id.as_deref() == key_id);
    named
        .or_else(|| infos.first())
        .and_then(|info| keys::cipher_of(&info.protocol))
        .unwrap_or(Cipher::TripleDes)
}
