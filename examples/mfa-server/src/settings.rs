//! The clients, APIs and origins that may use this server: from a TOML file, and from flags in
//! addition to it.

use std::fs;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use toml::Spanned;

use crate::client::{Client, Clients, PAGE};
use crate::config::Config;
use crate::grant::GrantType;
use crate::keys::sha256;
use crate::origin::Origin;
use crate::scope::{Api, Audience};
use crate::tokens::{mfa_audience, user_info};

/// The API of the demo. Auth0's documents use it with this scope.
const DEMO_API: &str = "https://someapi.com/api read:sample";

pub struct Settings {
    pub clients: Clients,
    /// The APIs for which access tokens may be issued, in addition to this server's own.
    pub apis: Vec<Api>,
    /// The origins of all clients. They are not per client, because a preflight request does
    /// not name its client.
    pub origins: Vec<Origin>,
    pub page: bool,
    pub sign_up: bool,
}

/// The file. Absent fields take their default; unknown fields are errors.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default = "yes")]
    page: bool,
    #[serde(default = "yes")]
    sign_up: bool,
    #[serde(default)]
    origins: Vec<Origin>,
    #[serde(default)]
    client: Vec<ClientEntry>,
    #[serde(default)]
    api: Vec<Spanned<Api>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClientEntry {
    id: Spanned<String>,
    secret: Option<Hidden>,
    secret_sha256: Option<Hash>,
    #[serde(default)]
    public: bool,
    grants: Option<Vec<GrantType>>,
    apis: Option<Vec<Spanned<Audience>>>,
    #[serde(default)]
    origins: Vec<Origin>,
}

fn yes() -> bool {
    true
}

impl Settings {
    /// Reads the file, if the configuration names one, and adds the settings from flags.
    pub fn load(config: &Config) -> Result<Self, String> {
        let (name, text) = match &config.config {
            Some(path) => {
                let name = path.display().to_string();
                let text = fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
                (name, text)
            }
            None => Default::default(),
        };
        let given = Given { page: !config.no_page, apis: &config.audience };
        let mut settings = Self::parse_with(&text, &given)
            .map_err(|Problem { line, words }| format!("{name}:{line}: {words}"))?;
        settings.sign_up &= !config.no_signup;
        settings.origins.extend(config.allow_origin.iter().cloned());
        if let (Some(id), Some(secret)) = (&config.client_id, &config.client_secret) {
            if settings.clients.is_known(id) {
                return Err(format!("--client-id {id}: a client with this id exists already"));
            }
            let secret_hash = sha256(secret.as_bytes());
            settings.clients.add(Client::new(id.clone(), Some(secret_hash)));
        }
        Ok(settings)
    }

    /// Adds the demo client, and an API if there is none.
    pub fn add_demo(&mut self, id: &str, secret: &str) -> Result<(), String> {
        self.clients.add(Client::new(id.to_owned(), Some(sha256(secret.as_bytes()))));
        if self.apis.is_empty() {
            self.apis.push(DEMO_API.parse()?);
        }
        Ok(())
    }

    /// Checks that no API has an audience that means this server itself.
    pub fn check_audiences(&self, issuer: &str) -> Result<(), String> {
        let own = [issuer.to_owned(), mfa_audience(issuer), user_info(issuer)];
        match self.apis.iter().find(|api| own.iter().any(|own| own == api.audience.as_str())) {
            Some(api) => Err(format!(
                "the audience {} is reserved for this server itself",
                api.audience.as_str()
            )),
            None => Ok(()),
        }
    }

    /// Reads the text of a file.
    pub fn parse(text: &str) -> Result<Self, String> {
        let given = Given { page: true, apis: &[] };
        Self::parse_with(text, &given)
            .map_err(|Problem { line, words }| format!("line {line}: {words}"))
    }

    fn parse_with(text: &str, given: &Given<'_>) -> Result<Self, Problem> {
        let at = |span: Option<Range<usize>>, words: String| {
            let before = &text[..span.map_or(0, |span| span.start.min(text.len()))];
            Problem { line: before.matches('\n').count() + 1, words }
        };
        // The error's `Display` text would quote the line, and the line may contain a secret.
        let file: File =
            toml::from_str(text).map_err(|error| at(error.span(), error.message().to_owned()))?;

        let mut apis = given.apis.to_vec();
        for api in file.api {
            let (span, api) = (api.span(), api.into_inner());
            if apis.iter().any(|other| other.audience == api.audience) {
                let words = format!("the API {} is listed twice", api.audience.as_str());
                return Err(at(Some(span), words));
            }
            apis.push(api);
        }
        let page = file.page && given.page;
        let mut origins = file.origins;
        let mut clients = Clients::new(if page { vec![Client::page()] } else { Vec::new() });
        for entry in file.client {
            let (span, id) = (entry.id.span(), entry.id.into_inner());
            let wrong = |words: &str| at(Some(span.clone()), format!("client {id:?}: {words}"));
            if id.is_empty() {
                return Err(wrong("the id is empty"));
            }
            if id == PAGE && page {
                return Err(wrong("the page has this id: choose another id, or set page = false"));
            }
            if clients.is_known(&id) {
                return Err(wrong("this id is listed twice"));
            }
            let secret_hash = match (entry.secret, entry.secret_sha256, entry.public) {
                (Some(Hidden(secret)), None, false) => Some(sha256(secret.as_bytes())),
                (None, Some(Hash(hash)), false) => Some(hash),
                (None, None, true) => None,
                _ => {
                    return Err(wrong(
                        "it needs exactly one of: secret, secret_sha256, public = true",
                    ));
                }
            };
            let mut client = Client::new(id.clone(), secret_hash);
            if let Some(grants) = entry.grants {
                client = client.with_grants(grants);
            }
            if let Some(named) = entry.apis {
                for audience in &named {
                    if !apis.iter().any(|api| api.audience == *audience.get_ref()) {
                        let words =
                            format!("the API {} is not listed", audience.get_ref().as_str());
                        return Err(at(Some(audience.span()), words));
                    }
                }
                let named = named.into_iter().map(|one| one.get_ref().as_str().to_owned());
                client = client.with_apis(named.collect());
            }
            clients.add(client);
            origins.extend(entry.origins);
        }
        Ok(Self { clients, apis, origins, page, sign_up: file.sign_up })
    }
}

/// The settings from flags on which the file depends.
struct Given<'a> {
    page: bool,
    apis: &'a [Api],
}

struct Problem {
    line: usize,
    words: String,
}

/// A secret. The errors of other types would quote the refused value.
struct Hidden(String);

impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match toml::Value::deserialize(deserializer)? {
            toml::Value::String(text) if !text.is_empty() => Ok(Self(text)),
            _ => Err(D::Error::custom("the value must be a string in quotes, and not empty")),
        }
    }
}

/// A SHA-256 hash in hexadecimal digits.
struct Hash(Vec<u8>);

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Hidden(text) = Hidden::deserialize(deserializer)?;
        let digit = |byte: &u8| char::from(*byte).to_digit(16);
        let digits: Option<Vec<u32>> = text.as_bytes().iter().map(digit).collect();
        let bytes = digits.filter(|digits| digits.len() == 64).map(|digits| {
            digits
                .chunks_exact(2)
                .filter_map(|pair| u8::try_from(16 * pair[0] + pair[1]).ok())
                .collect()
        });
        let wrong = || {
            D::Error::custom("the value must be the SHA-256 of the secret in 64 hexadecimal digits")
        };
        bytes.map(Self).ok_or_else(wrong)
    }
}
