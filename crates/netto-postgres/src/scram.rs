//! Password authentication without sending the password: SCRAM-SHA-256 (RFC 5802, RFC 7677), and the MD5 method of older servers.
//!
//! ```text
//! client   n,,n=,r=NONCE                      a number that nobody can guess
//! server   r=NONCE…,s=SALT,i=4096             its own behind it, and how the password is salted
//! client   c=biws,r=NONCE…,p=PROOF            only who knows the password can compute it
//! server   v=SIGNATURE                        only who holds its hash can: so the server is the right one
//! ```

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use md5::Md5;
use sha2::{Digest, Sha256};

type Key = [u8; 32];

/// A SCRAM exchange in progress.
pub(crate) struct Scram {
    nonce: String,
    password: String,
    signature: Option<Key>,
}

/// Limit of hash rounds, so that a malicious server can't make the client compute for ever.
const MOST_ROUNDS: u32 = 1_000_000;

impl Scram {
    /// `nonce` is printable and without a comma.
    pub(crate) fn new(nonce: String, password: &str) -> Self {
        Self { nonce, password: password.to_owned(), signature: None }
    }

    pub(crate) fn first(&self) -> String {
        format!("n,,{}", self.bare())
    }

    fn bare(&self) -> String {
        format!("n=,r={}", self.nonce)
    }

    /// The client's proof for the server's first message; `None` if the message is invalid.
    pub(crate) fn proof(&mut self, server: &str) -> Option<String> {
        let part = |name: &str| server.split(',').find_map(|part| part.strip_prefix(name));
        let (nonce, salt, rounds) = (part("r=")?, part("s=")?, part("i=")?.parse::<u32>().ok()?);
        if !nonce.starts_with(&self.nonce) || !(1..=MOST_ROUNDS).contains(&rounds) {
            return None;
        }
        let salted = salted(self.password.as_bytes(), &BASE64_STANDARD.decode(salt).ok()?, rounds);
        let answer = format!("c=biws,r={nonce}");
        let message = format!("{},{server},{answer}", self.bare());
        let client = hmac(&salted, b"Client Key");
        let signature = hmac(&Sha256::digest(client), message.as_bytes());
        let proof: Vec<u8> = client.iter().zip(signature).map(|(key, sign)| key ^ sign).collect();
        self.signature = Some(hmac(&hmac(&salted, b"Server Key"), message.as_bytes()));
        Some(format!("{answer},p={}", BASE64_STANDARD.encode(proof)))
    }

    /// Whether the server's signature proves that it knows the password.
    pub(crate) fn is_answered_by(&self, server: &str) -> bool {
        let signature = server.strip_prefix("v=").and_then(|text| BASE64_STANDARD.decode(text).ok());
        signature.is_some_and(|signature| self.signature.is_some_and(|own| own.as_slice() == signature))
    }
}

/// PBKDF2 of one block.
fn salted(password: &[u8], salt: &[u8], rounds: u32) -> Key {
    let mut last = hmac(password, &[salt, &[0, 0, 0, 1]].concat());
    let mut sum = last;
    for _ in 1..rounds {
        last = hmac(password, &last);
        sum.iter_mut().zip(last).for_each(|(sum, last)| *sum ^= last);
    }
    sum
}

/// RFC 2104.
fn hmac(key: &[u8], message: &[u8]) -> Key {
    let mut block = [0_u8; 64];
    if key.len() > block.len() {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let padded = |with: u8| block.map(|byte| byte ^ with);
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().into()
}

/// The MD5 response, which servers before version 14 ask for by default.
pub(crate) fn md5_of(user: &str, password: &str, salt: &[u8]) -> String {
    let halves = |byte: &u8| [*byte >> 4, *byte & 15];
    let hex = |bytes: &[u8]| {
        let digits = bytes.iter().flat_map(halves).filter_map(|half| char::from_digit(u32::from(half), 16));
        digits.collect::<String>()
    };
    let inner = hex(&Md5::new().chain_update(password).chain_update(user).finalize());
    format!("md5{}", hex(&Md5::new().chain_update(inner).chain_update(salt).finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7677, except the user name, which PostgreSQL takes from the startup message.
    #[test]
    fn the_example_of_the_standard_comes_out() {
        let salt = BASE64_STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        let salted = salted(b"pencil", &salt, 4096);
        let message = "n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,\
            c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        let client = hmac(&salted, b"Client Key");
        let signature = hmac(&Sha256::digest(client), message.as_bytes());
        let proof: Vec<u8> = client.iter().zip(signature).map(|(key, sign)| key ^ sign).collect();
        assert_eq!(BASE64_STANDARD.encode(proof), "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        let server = hmac(&hmac(&salted, b"Server Key"), message.as_bytes());
        assert_eq!(BASE64_STANDARD.encode(server), "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    }

    #[test]
    fn a_server_that_answers_another_number_gets_no_proof() {
        let mut scram = Scram::new("abc".into(), "secret");
        assert_eq!(scram.first(), "n,,n=,r=abc");
        for bad in ["r=xyz1,s=AAAA,i=4096", "r=abc1,s=AAAA", "r=abc1,s=!,i=1", "r=abc1,s=AAAA,i=99999999", ""] {
            assert_eq!(scram.proof(bad), None, "{bad}");
        }
        assert!(scram.proof("r=abc1,s=AAAA,i=1").unwrap().starts_with("c=biws,r=abc1,p="));
        assert!(!scram.is_answered_by("v=AAAA"));
    }

    #[test]
    fn older_servers_get_the_hash_of_a_hash() {
        assert_eq!(md5_of("postgres", "secret", b"abcd").len(), 35);
        assert!(md5_of("u", "p", b"abcd").starts_with("md5"));
    }
}
