//! The Azure cloud that a configuration names.

use serde::Deserialize;
use url::Url;

/// An Azure cloud.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Cloud {
    Microsoft(Microsoft),
    /// Another service with Azure's interfaces on this machine: `{ loopback: http://127.0.0.1:8790 }`.
    Own {
        /// The URL of both ARM and sign-in.
        loopback: Url,
    },
}

/// A cloud of Microsoft's.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Microsoft {
    /// The public cloud.
    #[default]
    Public,
    /// Azure Government.
    UsGovernment,
    /// Azure operated by 21Vianet.
    China,
}

impl Default for Cloud {
    fn default() -> Self {
        Self::Microsoft(Microsoft::default())
    }
}

impl Cloud {
    /// ARM, the sign-in authority and the Azure ML resource, without a slash at the end.
    #[must_use]
    pub fn hosts(&self) -> [String; 3] {
        let microsoft = match self {
            Self::Microsoft(Microsoft::Public) => [
                "https://management.azure.com",
                "https://login.microsoftonline.com",
                "https://ml.azure.com",
            ],
            Self::Microsoft(Microsoft::UsGovernment) => [
                "https://management.usgovcloudapi.net",
                "https://login.microsoftonline.us",
                "https://ml.azure.us",
            ],
            Self::Microsoft(Microsoft::China) => [
                "https://management.chinacloudapi.cn",
                "https://login.chinacloudapi.cn",
                "https://ml.azure.cn",
            ],
            Self::Own { loopback } => {
                let own = loopback.as_str().trim_end_matches('/');
                return [own.to_owned(), own.to_owned(), "https://ml.azure.com".to_owned()];
            }
        };
        microsoft.map(str::to_owned)
    }

    /// The domain of the cloud's endpoints (source: azure-ai-ml's table of clouds, and Microsoft's list of required
    /// endpoints). `None` for a cloud on loopback, which serves its endpoints itself.
    #[must_use]
    pub fn inference(&self) -> Option<&'static str> {
        match self {
            Self::Microsoft(Microsoft::Public) => Some("inference.ml.azure.com"),
            Self::Microsoft(Microsoft::UsGovernment) => Some("inference.ml.azure.us"),
            Self::Microsoft(Microsoft::China) => Some("inference.ml.azure.cn"),
            Self::Own { .. } => None,
        }
    }

    /// The URL of a cloud on loopback.
    #[must_use]
    pub fn loopback(&self) -> Option<&Url> {
        match self {
            Self::Microsoft(_) => None,
            Self::Own { loopback } => Some(loopback),
        }
    }
}
