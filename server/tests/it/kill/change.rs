//! The changes of the rounds: each takes one write, and can be verified in Azure.

use crate::support::Browser;
use crate::support::fleet::{Azure, ENDPOINT, within};
use serde_json::json;

const PROD: &str = "/stages/anet-prod/endpoints/anet-ep-prod";
/// More events than a run of these changes has.
pub const EVENTS_MAX: i64 = 12;

#[derive(Debug, Clone, Copy)]
pub enum Change {
    Halves,
    Whole,
    Create,
    Delete,
}

impl Change {
    /// The change of a round.
    pub fn of(round: usize) -> Self {
        [Self::Halves, Self::Whole, Self::Create, Self::Delete][round % 4]
    }

    /// The form that requests it.
    pub async fn form(self, dana: &Browser) -> reqwest::RequestBuilder {
        let route = |fields: [(&str, &str); 3]| dana.own(&format!("{PROD}/route")).form(&fields);
        let yaml = b"name: anet-red\nenvironment: azureml:env:1\n\
                     instance_type: Standard_DS3_v2\ninstance_count: 1\n";
        match self {
            Self::Halves => route([
                ("live.anet-eedi", "50"),
                ("live.anet-green", "50"),
                ("base", "anet-eedi=100"),
            ]),
            Self::Whole => route([
                ("live.anet-eedi", "100"),
                ("live.anet-green", "0"),
                ("base", "anet-eedi=50,anet-green=50"),
            ]),
            Self::Create => dana.parts(&format!("{PROD}/new-deployment"), &[("yaml", None, yaml)]),
            Self::Delete => {
                let path = format!("{PROD}/deployments/anet-red/delete");
                let saw = within("its page shows it", async || {
                    dana.clone().get(&path).await.attribute("input[name=made_of]", "value")
                });
                dana.own(&path).form(&[("made_of", saw.await)])
            }
        }
    }

    /// Its only write.
    pub fn write(self) -> (&'static str, &'static str) {
        match self {
            Self::Halves | Self::Whole => ("PUT", ENDPOINT),
            Self::Create => ("PUT", "deployments/anet-red"),
            Self::Delete => ("DELETE", "deployments/anet-red"),
        }
    }

    /// Checks that Azure has the requested state.
    pub async fn check(self, azure: &Azure) {
        let endpoint = azure.get(ENDPOINT).await.expect("it is there");
        let red = azure.get(&format!("{ENDPOINT}/deployments/anet-red")).await;
        match self {
            Self::Halves => {
                let halves = json!({ "anet-eedi": 50, "anet-green": 50 });
                assert_eq!(endpoint["properties"]["traffic"], halves);
            }
            Self::Whole => {
                assert_eq!(endpoint["properties"]["traffic"], json!({ "anet-eedi": 100 }));
            }
            Self::Create => {
                let red = red.expect("it is there");
                assert_eq!(red["properties"]["provisioningState"], "Succeeded");
            }
            Self::Delete => assert!(red.is_none()),
        }
    }
}
