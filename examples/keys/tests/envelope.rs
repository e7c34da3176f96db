//! Secrets that are sealed by a key management service over HTTP.

use std::sync::{Arc, Mutex};

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use axum::extract::{Path, State};
use axum::routing::post;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use otp_core::{Secret, Totp};
use otp_keys::Error;
use otp_keys::envelope::{Kms, Sealed, open, rewrap, seal};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;
use zeroize::Zeroizing;

const SECRET: &[u8] = b"12345678901234567890";

/// The keys of the stand-in, oldest first, and the number of its calls.
#[derive(Clone, Default)]
struct Service(Arc<Mutex<(Vec<[u8; 32]>, u32)>>);

impl Service {
    fn rotate(&self) {
        let mut service = self.0.lock().unwrap();
        let mut key = [0; 32];
        aws_lc_rs::rand::fill(&mut key).unwrap();
        service.0.push(key);
    }

    /// Destroys the oldest key.
    fn forget_the_first(&self) {
        self.0.lock().unwrap().0[0] = [0; 32];
    }

    fn calls(&self) -> u32 {
        std::mem::take(&mut self.0.lock().unwrap().1)
    }

    async fn start(&self) -> HttpKms {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().route("/{act}", post(answer)).with_state(self.clone());
        tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
        HttpKms(address)
    }
}

/// Answers with the number of the key, the nonce, and the ciphertext.
async fn answer(
    State(service): State<Service>,
    Path(act): Path<String>,
    Json(body): Json<Value>,
) -> Json<Value> {
    let mut service = service.0.lock().unwrap();
    service.1 += 1;
    let context = Aad::from(body["context"].as_str().unwrap().to_owned());
    let mut bytes = STANDARD.decode(body["bytes"].as_str().unwrap()).unwrap();
    let key = |number: usize| RandomizedNonceKey::new(&AES_256_GCM, &service.0[number]).unwrap();
    if act == "wrap" {
        let number = service.0.len() - 1;
        let nonce = key(number).seal_in_place_append_tag(context, &mut bytes).unwrap();
        let wrapped = [&[u8::try_from(number).unwrap()][..], nonce.as_ref(), &bytes].concat();
        return Json(json!({"bytes": STANDARD.encode(wrapped)}));
    }
    if bytes.len() <= NONCE_LEN || usize::from(bytes[0]) >= service.0.len() {
        return Json(json!({"error": "the key is unknown"}));
    }
    let (head, rest) = bytes.split_at_mut(1 + NONCE_LEN);
    let nonce = Nonce::try_assume_unique_for_key(&head[1..]).unwrap();
    Json(match key(head[0].into()).open_in_place(nonce, context, rest) {
        Ok(opened) => json!({"bytes": STANDARD.encode(opened)}),
        Err(_) => json!({"error": "denied"}),
    })
}

/// The client of a service.
#[derive(Clone)]
struct HttpKms(String);

impl HttpKms {
    async fn ask(&self, act: &str, bytes: &[u8], context: &str) -> Result<Vec<u8>, Error> {
        let url = format!("{}/{act}", self.0);
        let body = json!({"bytes": STANDARD.encode(bytes), "context": context}).to_string();
        let answer = spawn_blocking(move || {
            let request = ureq::post(url).header("Content-Type", "application/json");
            request.send(body)?.body_mut().read_to_string()
        });
        let answer: Value = serde_json::from_str(&answer.await??)?;
        Ok(STANDARD.decode(answer["bytes"].as_str().ok_or("the service refuses")?)?)
    }
}

impl Kms for HttpKms {
    async fn wrap(&self, key: &[u8], context: &str) -> Result<Vec<u8>, Error> {
        self.ask("wrap", key, context).await
    }

    async fn unwrap(&self, wrapped: &[u8], context: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
        Ok(Zeroizing::new(self.ask("unwrap", wrapped, context).await?))
    }
}

#[tokio::test]
async fn a_sealed_secret_gives_the_codes() {
    let service = Service::default();
    service.rotate();
    let kms = service.start().await;
    let sealed = seal(&kms, SECRET, "authenticator 7 of alice").await.unwrap();
    let all = [&sealed.wrapped_key[..], &sealed.secret].concat();
    assert!(!all.windows(4).any(|window| SECRET.windows(4).any(|part| part == window)));
    assert_eq!(service.calls(), 1);

    let secret = open(&kms, &sealed, "authenticator 7 of alice").await.unwrap();
    assert_eq!(service.calls(), 1);
    let totp = Totp::new(&Secret::from_bytes(&secret).unwrap());
    assert_eq!(totp.code_at(59).unwrap().to_string(), "287082");
    // Two seals of one secret differ.
    assert_ne!(seal(&kms, SECRET, "authenticator 7 of alice").await.unwrap(), sealed);
}

#[tokio::test]
async fn a_row_that_was_changed_or_moved_is_an_error() {
    let service = Service::default();
    service.rotate();
    let kms = service.start().await;
    let sealed = seal(&kms, SECRET, "alice").await.unwrap();
    assert!(open(&kms, &sealed, "mallory").await.is_err());
    let other = seal(&kms, SECRET, "alice").await.unwrap();
    let swapped = Sealed { wrapped_key: other.wrapped_key, ..sealed.clone() };
    assert!(open(&kms, &swapped, "alice").await.is_err());
    for at in 0..sealed.secret.len() {
        let mut changed = sealed.clone();
        changed.secret[at] ^= 1;
        assert!(open(&kms, &changed, "alice").await.is_err(), "byte {at}");
    }
    for len in [0, NONCE_LEN, sealed.secret.len() - 1] {
        let mut cut = sealed.clone();
        cut.secret.truncate(len);
        assert!(open(&kms, &cut, "alice").await.is_err(), "{len} bytes");
    }
}

#[tokio::test]
async fn after_a_rotation_old_rows_open_and_are_sealed_anew() {
    let service = Service::default();
    service.rotate();
    let kms = service.start().await;
    let mut sealed = seal(&kms, SECRET, "alice").await.unwrap();
    let before = sealed.clone();
    service.rotate();
    assert_eq!(*open(&kms, &sealed, "alice").await.unwrap(), SECRET);

    rewrap(&kms, &mut sealed, "alice").await.unwrap();
    assert_eq!(sealed.secret, before.secret, "only the data key is encrypted again");
    service.forget_the_first();
    assert_eq!(*open(&kms, &sealed, "alice").await.unwrap(), SECRET);
    assert!(open(&kms, &before, "alice").await.is_err());
}

/// The login fails, and the error says why.
#[tokio::test]
async fn a_service_that_is_gone_is_an_error() {
    let service = Service::default();
    service.rotate();
    let sealed = seal(&service.start().await, SECRET, "alice").await.unwrap();
    let gone = HttpKms("http://127.0.0.1:1".to_owned());
    assert!(open(&gone, &sealed, "alice").await.is_err());
    assert!(seal(&gone, SECRET, "alice").await.is_err());
}

/// A pepper of recovery codes is sealed like a secret, and opened when the server starts.
#[tokio::test]
async fn a_pepper_is_sealed_as_a_secret_is() {
    use otp_core::recovery::Pepper;

    let service = Service::default();
    service.rotate();
    let kms = service.start().await;
    let sealed = seal(&kms, b"32 bytes that nobody else knows!", "pepper 1").await.unwrap();
    let pepper = Pepper::new(1, &open(&kms, &sealed, "pepper 1").await.unwrap()).unwrap();
    assert_eq!(pepper.key_id(), 1);
}

/// A KMS whose answer to one call is replaced by this one.
struct Wrong<'a>(&'a HttpKms, &'static str, Vec<u8>);

impl Kms for Wrong<'_> {
    async fn wrap(&self, key: &[u8], context: &str) -> Result<Vec<u8>, Error> {
        let right = self.0.wrap(key, context).await?;
        Ok(if self.1 == "wrap" { self.2.clone() } else { right })
    }

    async fn unwrap(&self, wrapped: &[u8], context: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
        let right = self.0.unwrap(wrapped, context).await?;
        Ok(if self.1 == "unwrap" { Zeroizing::new(self.2.clone()) } else { right })
    }
}

#[tokio::test]
async fn a_service_that_answers_wrongly_loses_no_secret() {
    let service = Service::default();
    service.rotate();
    let kms = service.start().await;
    let mut sealed = seal(&kms, SECRET, "alice").await.unwrap();
    let before = sealed.clone();
    let of_another = kms.wrap(&[7; 32], "alice").await.unwrap();
    let answers = [vec![], vec![7; 5], vec![7; 32], of_another];
    for (act, answer) in
        ["wrap", "unwrap"].iter().flat_map(|act| answers.iter().map(move |a| (act, a)))
    {
        let wrong = Wrong(&kms, act, answer.clone());
        assert!(*act == "wrap" || open(&wrong, &sealed, "alice").await.is_err());
        assert!(rewrap(&wrong, &mut sealed, "alice").await.is_err(), "{act} {}", answer.len());
        assert_eq!(sealed, before);
    }
    assert_eq!(*open(&kms, &sealed, "alice").await.unwrap(), SECRET);
}
