//! The words of an inspection on the terminal, in one place, so that another language is one more arm. Names of checks and
//! reasons are the same in every language: policies, reports and pages know them by those.

use chipgate_face::Challenge;
use chipgate_inspection::{CheckResult, Language, Verdict};

/// What stands before a line.
pub(super) struct Labels {
    pub(super) document: &'static str,
    pub(super) chip: &'static str,
    pub(super) face: &'static str,
    pub(super) verdict: &'static str,
    pub(super) advice: &'static str,
    pub(super) report: &'static str,
}

pub(super) const fn labels(language: Language) -> Labels {
    match language {
        Language::English => Labels {
            document: "Document",
            chip: "Chip",
            face: "Face",
            verdict: "VERDICT",
            advice: "TO DO",
            report: "Report",
        },
        Language::Vietnamese => Labels {
            document: "Giấy tờ",
            chip: "Chip",
            face: "Khuôn mặt",
            verdict: "KẾT LUẬN",
            advice: "CẦN LÀM",
            report: "Báo cáo",
        },
    }
}

/// Phrases within a line.
pub(super) struct Phrases {
    pub(super) no_document: &'static str,
    pub(super) born: &'static str,
    pub(super) expires: &'static str,
    pub(super) not_verified: &'static str,
    pub(super) no_chip: &'static str,
    pub(super) no_access_control: &'static str,
    pub(super) with: &'static str,
    pub(super) took: &'static str,
    pub(super) not_compared: &'static str,
    pub(super) faces_match: &'static str,
    pub(super) faces_differ: &'static str,
    pub(super) needed: &'static str,
    pub(super) stopped_by: &'static str,
    pub(super) ask_the_person: &'static str,
    pub(super) then_enter: &'static str,
}

pub(super) const fn phrases(language: Language) -> Phrases {
    match language {
        Language::English => Phrases {
            no_document: "DG1 was not read",
            born: "born",
            expires: "expires",
            not_verified: "NOT VERIFIED",
            no_chip: "none: the files were read from a folder",
            no_access_control: "no access control",
            with: "with the",
            took: "took",
            not_compared: "not compared",
            faces_match: "match",
            faces_differ: "NO MATCH",
            needed: "needed",
            stopped_by: "stopped by",
            ask_the_person: "Ask the person",
            then_enter: "Take the frames now, and press Enter when they are there.",
        },
        Language::Vietnamese => Phrases {
            no_document: "chưa đọc DG1",
            born: "sinh",
            expires: "hết hạn",
            not_verified: "CHƯA XÁC THỰC",
            no_chip: "không có: các tệp được đọc từ thư mục",
            no_access_control: "không có kiểm soát truy cập",
            with: "bằng",
            took: "trong",
            not_compared: "chưa so",
            faces_match: "khớp",
            faces_differ: "KHÔNG KHỚP",
            needed: "cần",
            stopped_by: "dừng ở",
            ask_the_person: "Yêu cầu người này",
            then_enter: "Chụp các khung hình ngay bây giờ, rồi nhấn Enter khi đã có.",
        },
    }
}

/// What the person at the camera is asked to do.
pub(super) const fn challenge(challenge: Challenge, language: Language) -> &'static str {
    match (language, challenge) {
        (Language::English, challenge) => challenge.guidance(),
        (Language::Vietnamese, Challenge::TurnLeft) => "từ từ quay đầu sang bên trái của mình, rồi quay lại",
        (Language::Vietnamese, Challenge::TurnRight) => "từ từ quay đầu sang bên phải của mình, rồi quay lại",
        (Language::Vietnamese, Challenge::Blink) => "nhắm mắt một lát, rồi mở ra",
    }
}

/// A verdict in a sentence.
pub(super) const fn verdict(verdict: Verdict, language: Language) -> &'static str {
    match (language, verdict) {
        (Language::English, Verdict::Accept) => "accept",
        (Language::English, Verdict::Refer) => "refer to a person",
        (Language::English, Verdict::Refuse) => "refuse",
        (Language::Vietnamese, Verdict::Accept) => "chấp nhận",
        (Language::Vietnamese, Verdict::Refer) => "chuyển cho cán bộ",
        (Language::Vietnamese, Verdict::Refuse) => "từ chối",
    }
}

/// What a policy makes of a check, in one word.
pub(super) const fn effect(effect: Verdict, language: Language) -> &'static str {
    match (language, effect) {
        (Language::English, effect) => effect.name(),
        (Language::Vietnamese, Verdict::Refer) => "chuyển",
        (Language::Vietnamese, effect) => verdict(effect, language),
    }
}

pub(super) const fn result(result: CheckResult, language: Language) -> &'static str {
    match (language, result) {
        (Language::English, CheckResult::Successful) => "successful",
        (Language::English, CheckResult::Failed) => "failed",
        (Language::English, CheckResult::Undetermined) => "undetermined",
        (Language::English, CheckResult::NotSupported) => "not supported",
        (Language::English, CheckResult::Aborted) => "aborted",
        (Language::Vietnamese, CheckResult::Successful) => "đạt",
        (Language::Vietnamese, CheckResult::Failed) => "không đạt",
        (Language::Vietnamese, CheckResult::Undetermined) => "chưa rõ",
        (Language::Vietnamese, CheckResult::NotSupported) => "không hỗ trợ",
        (Language::Vietnamese, CheckResult::Aborted) => "bị ngắt",
    }
}
