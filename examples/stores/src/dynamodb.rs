//! DynamoDB: the requests, in the form that its HTTP interface and the builders of each SDK have.
//!
//! `send` is your client: it gets the name of an operation and the body, and returns the body of the answer, or the kind of
//! error. A write with a condition is durable in several places when it returns. `ConsistentRead` is needed: other reads may be
//! behind. A global table is not a store for this: two regions do not compare with each other.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use otp_core::verifier::{State, Swap};
use serde_json::{Value, json};

use crate::{Error, NotEnrolled};

const TABLE: &str = "otp";

/// What a condition that does not hold is called.
const CONDITION_FAILED: &str = "ConditionalCheckFailedException";

/// A table with the key `user`, a string.
#[derive(Debug)]
pub struct Store<F>(pub F);

/// What a client answers with: the body, or the kind of an error that the service names.
pub type Answer = Result<Result<Value, String>, Error>;

impl<F: Fn(&str, Value) -> Answer> Store<F> {
    /// Stores the state of a new user. One that is there stays.
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

    /// Whether the condition held.
    fn write(&self, operation: &str, body: Value) -> Result<bool, Error> {
        match (self.0)(operation, body)? {
            // A client that does not look at the status takes an error for an answer.
            Ok(body) if body.get("__type").is_some() => Err("an error, told as an answer".into()),
            Ok(_) => Ok(true),
            Err(kind) if kind == CONDITION_FAILED => Ok(false),
            Err(kind) => Err(kind.into()),
        }
    }
}

fn text(state: State) -> String {
    STANDARD.encode(state.to_bytes().as_ref())
}
