use core::fmt;

/// A step of the conversation with a chip; errors say in which one they arose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Step {
    /// SELECT the master file.
    SelectMasterFile,
    /// SELECT EF.CardAccess.
    SelectCardAccess,
    /// Read and understand EF.CardAccess.
    ReadCardAccess,
    /// PACE: MSE:Set AT (Doc 9303-11, 4.4.4.1).
    PaceSetTemplate,
    /// PACE: GENERAL AUTHENTICATE, the encrypted nonce.
    PaceEncryptedNonce,
    /// PACE: GENERAL AUTHENTICATE, mapping the nonce.
    PaceMapNonce,
    /// PACE: GENERAL AUTHENTICATE, key agreement.
    PaceKeyAgreement,
    /// PACE: GENERAL AUTHENTICATE, mutual authentication.
    PaceMutualAuthentication,
    /// RESET RETRY COUNTER: the PIN is unblocked (TR-03110-3, B.7.1).
    ResetRetryCounter,
    /// SELECT the application of travel documents.
    SelectApplication,
    /// EF.COM in plain, which a chip without access control gives (Doc 9303-11, 4.2).
    ReadWithoutAccess,
    /// BAC: GET CHALLENGE (Doc 9303-11, 4.3.4.1).
    BacGetChallenge,
    /// BAC: EXTERNAL AUTHENTICATE (Doc 9303-11, 4.3.4.2).
    BacMutualAuthentication,
    /// SELECT a file.
    SelectFile,
    /// READ BINARY.
    ReadBinary,
    /// Chip authentication: MSE:Set KAT or MSE:Set AT (Doc 9303-11, 6.2.4).
    ChipAuthenticationSetTemplate,
    /// Chip authentication: GENERAL AUTHENTICATE.
    ChipAuthenticationKeyAgreement,
    /// Chip authentication: the first command under the new keys.
    ChipAuthenticationProof,
    /// Active authentication: INTERNAL AUTHENTICATE (Doc 9303-11, 6.1.3).
    ActiveAuthentication,
    /// Read and understand EF.CVCA.
    ReadCvca,
    /// Terminal authentication: MSE:Set DST (Doc 9303-11, 7.1.5.1).
    TerminalSelectKey,
    /// Terminal authentication: PSO:Verify Certificate (Doc 9303-11, 7.1.5.2).
    TerminalVerifyCertificate,
    /// Terminal authentication: MSE:Set AT (Doc 9303-11, 7.1.5.3).
    TerminalSetTemplate,
    /// Terminal authentication: GET CHALLENGE.
    TerminalGetChallenge,
    /// Terminal authentication: EXTERNAL AUTHENTICATE (Doc 9303-11, 7.1.5.5).
    TerminalExternalAuthenticate,
}

impl Step {
    /// Whether this is where a chip makes its reader wait after failed tries (Doc 9303-11, 4.3.4 and 4.4.4).
    pub(crate) const fn waits_for_failed_tries(self) -> bool {
        matches!(
            self,
            Self::PaceSetTemplate
                | Self::PaceEncryptedNonce
                | Self::PaceMapNonce
                | Self::PaceKeyAgreement
                | Self::PaceMutualAuthentication
                | Self::BacGetChallenge
                | Self::BacMutualAuthentication
        )
    }

    /// Its name in logs, reports and the JSON of the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SelectMasterFile => "select-master-file",
            Self::SelectCardAccess => "select-card-access",
            Self::ReadCardAccess => "read-card-access",
            Self::PaceSetTemplate => "pace-set-template",
            Self::PaceEncryptedNonce => "pace-encrypted-nonce",
            Self::PaceMapNonce => "pace-map-nonce",
            Self::PaceKeyAgreement => "pace-key-agreement",
            Self::PaceMutualAuthentication => "pace-mutual-authentication",
            Self::ResetRetryCounter => "reset-retry-counter",
            Self::SelectApplication => "select-application",
            Self::ReadWithoutAccess => "read-without-access",
            Self::BacGetChallenge => "bac-get-challenge",
            Self::BacMutualAuthentication => "bac-mutual-authentication",
            Self::SelectFile => "select-file",
            Self::ReadBinary => "read-binary",
            Self::ChipAuthenticationSetTemplate => "chip-authentication-set-template",
            Self::ChipAuthenticationKeyAgreement => "chip-authentication-key-agreement",
            Self::ChipAuthenticationProof => "chip-authentication-proof",
            Self::ActiveAuthentication => "active-authentication",
            Self::ReadCvca => "read-cvca",
            Self::TerminalSelectKey => "terminal-select-key",
            Self::TerminalVerifyCertificate => "terminal-verify-certificate",
            Self::TerminalSetTemplate => "terminal-set-template",
            Self::TerminalGetChallenge => "terminal-get-challenge",
            Self::TerminalExternalAuthenticate => "terminal-external-authenticate",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
