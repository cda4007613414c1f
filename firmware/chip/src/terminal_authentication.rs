//! Terminal authentication, version 1 (Doc 9303-11, 7.1; TR-03110-1, 3.5).

use alloc::vec::Vec;

use chipgate_apdu::{
    Channel, Command, StatusWord,
    tlv::{self, Tag},
};
use chipgate_crypto::SignatureAlgorithm;
use chipgate_lds::{CvCertificate, DataGroup, HolderAuthorization, PublicKeyReference};

use crate::{
    ChipError, Malformation, Step, TerminalCertificates, TerminalKey, Unsupported, connection::Connection,
};

/// Reference of a public key.
const PUBLIC_KEY_REFERENCE: Tag = Tag(0x83);

/// What the terminal's signature binds to on the chip's side (TR-03110-1, 3.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TerminalBinding {
    /// The chip's ephemeral key of PACE.
    Dynamic,
    /// The document number with its check digit, or the CAN: after BAC, and on some old documents after PACE.
    Static,
}

/// The chip took the terminal for what its certificates say.
///
/// Only [`Session::authenticate_terminal`](crate::Session::authenticate_terminal) makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerminalAuthentication {
    authority: PublicKeyReference,
    holder: PublicKeyReference,
    authorization: Option<HolderAuthorization>,
    binding: TerminalBinding,
}

impl TerminalAuthentication {
    /// The key that the chip knew, under which the chain begins.
    #[must_use]
    pub const fn authority(&self) -> &PublicKeyReference {
        &self.authority
    }

    /// The name of the terminal's key.
    #[must_use]
    pub const fn holder(&self) -> &PublicKeyReference {
        &self.holder
    }

    /// Whether every certificate of the chain lets the terminal read this data group. The chip's own CVCA key may allow less.
    #[must_use]
    pub fn may_read(&self, group: DataGroup) -> bool {
        self.authorization
            .as_ref()
            .is_some_and(|authorization| authorization.may_read(group))
    }

    /// What the signature binds to.
    #[must_use]
    pub const fn binding(&self) -> TerminalBinding {
        self.binding
    }
}

/// What the terminal signs beside the chip's challenge.
pub(crate) struct Identifiers<'a> {
    /// ID.IC and the kind of binding, the preferred one first.
    pub(crate) chip: Vec<(TerminalBinding, &'a [u8])>,
    /// Comp() of the terminal's newest ephemeral key.
    pub(crate) terminal_key: &'a [u8],
}

/// Presents a chain that begins under one of the chip's keys, and signs the chip's challenge.
pub(crate) async fn authenticate<C: Channel>(
    connection: &mut Connection<C>,
    authorities: &[PublicKeyReference],
    certificates: &TerminalCertificates,
    key: &dyn TerminalKey,
    identifiers: &Identifiers<'_>,
) -> Result<TerminalAuthentication, ChipError> {
    let found = authorities
        .iter()
        .find_map(|authority| Some((authority, certificates.chain_from(authority)?)));
    let Some((authority, chain)) = found else {
        let authorities = authorities.to_vec();
        return Err(ChipError::NoCertificateChain { authorities });
    };
    for certificate in &chain {
        present(connection, certificate).await?;
    }
    let terminal = chain.last().ok_or(ChipError::NoCertificateChain {
        authorities: Vec::new(),
    })?;
    let binding = prove(connection, terminal, key, identifiers).await?;
    Ok(TerminalAuthentication {
        authority: authority.clone(),
        holder: terminal.body().holder.clone(),
        authorization: effective(&chain),
        binding,
    })
}

/// What every certificate of the chain allows (7.1.4.3.6).
fn effective(chain: &[&CvCertificate]) -> Option<HolderAuthorization> {
    let mut authorizations = chain.iter().map(|certificate| &certificate.body().authorization);
    let first = authorizations.next()?.clone();
    authorizations.try_fold(first, |authority, holder| holder.under(&authority))
}

/// MSE:Set DST and PSO:Verify Certificate (7.1.5.1, 7.1.5.2).
async fn present<C: Channel>(
    connection: &mut Connection<C>,
    certificate: &CvCertificate,
) -> Result<(), ChipError> {
    let authority = tlv::encode(PUBLIC_KEY_REFERENCE, certificate.body().authority.as_bytes());
    let verify = [
        (
            Step::TerminalSelectKey,
            Command::new(0x00, 0x22, 0x81, 0xB6).with_data(authority),
        ),
        (
            Step::TerminalVerifyCertificate,
            Command::new(0x00, 0x2A, 0x00, 0xBE).with_data(certificate.encode_value()),
        ),
    ];
    for (step, command) in verify {
        let status = connection.send(step, &command).await?.status;
        if !status.is_success() {
            return Err(ChipError::TerminalCertificateRefused {
                holder: certificate.body().holder.clone(),
                step,
                status,
            });
        }
    }
    Ok(())
}

/// Signs with the preferred binding, and with the other one where the chip refuses the signature (TR-03110-1, 3.5).
async fn prove<C: Channel>(
    connection: &mut Connection<C>,
    terminal: &CvCertificate,
    key: &dyn TerminalKey,
    identifiers: &Identifiers<'_>,
) -> Result<TerminalBinding, ChipError> {
    let public_key = &terminal.body().public_key;
    let algorithm = public_key.signature_algorithm().ok_or(ChipError::Unsupported {
        what: Unsupported::TerminalKeyAlgorithm(public_key.algorithm),
    })?;
    let mut refusal = ChipError::Unsupported {
        what: Unsupported::TerminalBinding,
    };
    for (index, (binding, chip)) in identifiers.chip.iter().enumerate() {
        let signed = (*chip, identifiers.terminal_key);
        match attempt(connection, terminal, key, &algorithm, signed).await {
            Ok(()) => return Ok(*binding),
            Err(error @ ChipError::TerminalAuthenticationFailed { .. }) if index == 0 => refusal = error,
            // What else the chip says of the second try does not matter.
            Err(ChipError::TerminalAuthenticationFailed { .. } | ChipError::Protocol { .. }) if index > 0 => {
            }
            Err(error) => return Err(error),
        }
    }
    Err(refusal)
}

/// MSE:Set AT, GET CHALLENGE, EXTERNAL AUTHENTICATE (7.1.5.3 to 7.1.5.5), with a signature over
/// ID.IC ‖ r.IC ‖ Comp(PK.DH,IFD).
async fn attempt<C: Channel>(
    connection: &mut Connection<C>,
    terminal: &CvCertificate,
    key: &dyn TerminalKey,
    algorithm: &SignatureAlgorithm,
    (chip, terminal_key): (&[u8], &[u8]),
) -> Result<(), ChipError> {
    let holder = tlv::encode(PUBLIC_KEY_REFERENCE, terminal.body().holder.as_bytes());
    let step = Step::TerminalSetTemplate;
    let status = connection
        .send(step, &Command::new(0x00, 0x22, 0x81, 0xA4).with_data(holder))
        .await?
        .status;
    if !status.is_success() {
        return Err(ChipError::Protocol { step, status });
    }
    let challenge = get_challenge(connection).await?;
    let message = [chip, &challenge, terminal_key].concat();
    let signature = key
        .sign(algorithm, &message)
        .map_err(|error| ChipError::TerminalKey { error })?;
    let step = Step::TerminalExternalAuthenticate;
    let status = connection
        .send(step, &Command::new(0x00, 0x82, 0x00, 0x00).with_data(signature))
        .await?
        .status;
    match status {
        StatusWord::SUCCESS => Ok(()),
        status => Err(ChipError::TerminalAuthenticationFailed { status }),
    }
}

/// r.IC.
async fn get_challenge<C: Channel>(connection: &mut Connection<C>) -> Result<[u8; 8], ChipError> {
    let step = Step::TerminalGetChallenge;
    let response = connection
        .send(step, &Command::new(0x00, 0x84, 0x00, 0x00).expecting(8))
        .await?;
    if !response.status.is_success() {
        return Err(ChipError::Protocol {
            step,
            status: response.status,
        });
    }
    response.data.as_slice().try_into().map_err(|_| {
        let fault = Malformation::Length {
            expected: 8,
            found: response.data.len(),
        };
        ChipError::malformed(step, fault)
    })
}
