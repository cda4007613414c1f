//! Trust anchors on disk: certificates, CRLs and master lists.
