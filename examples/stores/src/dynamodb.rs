//! DynamoDB: the requests, in the format of its HTTP interface and of each SDK's builders.
//!
//! `send` is your client. It gets the name of an operation and the body. It returns the
//! answer's body or the kind of the error. When a write with a condition returns, it is durable
//! in several places. `ConsistentRead` is necessary, because other reads may return old data.
//! Do not use a global table: two regions do not compare with each other.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use otp_core::verifier::{State, Swap};
use serde_json::{Value, json};

use crate::{Error, NotEnrolled};

const TABLE: &str = "otp";

/// The error of a condition that does not hold.
const CONDITION_FAILED: &str = "ConditionalCheckFailedException";

/// A table with the key `user`, a string.
#[derive(Debug)]
pub struct Store<F>(pub F);

/// The answer of a client: the body, or the kind of the service's error.
pub type Answer = Result<Result<Value, String>, Error>;

impl<F: Fn(&str, Value) -> Answer> Store<F> {
    /// Stores the state of a new user. An existing state stays as it is.
    ///
    /// # Errors
    /// The service failed.
    pub fn enrol(&self, user: &str) -> Result<(), Error> {
        let item = json!({"user": {"S": user}, "state": {"B": text(State::enrolment())}});
        let put = json!({"TableName": TABLE, "Item": item, "ExpressionAttributeNames": {"#user": "user"},
            "ConditionExpression": "attribute_not_exists(#user)"});
        self.write("PutItem", put).map(drop)
    }

    /// Loads a state.
    ///
    /// # Errors
    /// The service failed, or the user has no state.
    pub fn load(&self, user: &str) -> Result<State, Error> {
        let get = json!({"TableName": TABLE, "Key": {"user": {"S": user}}, "ConsistentRead": true});
        let answer = (self.0)("GetItem", get)??;
        let text = answer["Item"]["state"]["B"].as_str().ok_or(NotEnrolled)?;
        Ok(State::from_bytes(&STANDARD.decode(text)?)?)
    }

    /// Replaces a state, if it is still `old`.
    ///
    /// # Errors
    /// The service failed.
    pub fn swap(&self, user: &str, old: State, new: State) -> Result<Swap, Error> {
        let update = json!({"TableName": TABLE, "Key": {"user": {"S": user}},
            "UpdateExpression": "SET #state = :new", "ConditionExpression": "#state = :old",
            "ExpressionAttributeNames": {"#state": "state"},
            "ExpressionAttributeValues": {":old": {"B": text(old)}, ":new": {"B": text(new)}}});
        Ok(if self.write("UpdateItem", update)? { Swap::Stored } else { Swap::Lost })
    }

    /// Sends a write. Returns whether its condition held.
    fn write(&self, operation: &str, body: Value) -> Result<bool, Error> {
        match (self.0)(operation, body)? {
            // A client that ignores the HTTP status returns an error as if it were an answer.
            Ok(body) if body.get("__type").is_some() => {
                Err("the client returned an error as an answer".into())
            }
            Ok(_) => Ok(true),
            Err(kind) if kind == CONDITION_FAILED => Ok(false),
            Err(kind) => Err(kind.into()),
        }
    }
}

fn text(state: State) -> String {
    STANDARD.encode(state.to_bytes().as_ref())
}
