//! The steps that Redis takes as one. Each names one key, so that a cluster can hold it anywhere.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use redis::Cmd;

use crate::db::hex;

/// Returns what stands there, and where nothing does, leaves the lease and returns that.
const GET: &str = "
local found = redis.call('GET', KEYS[1])
if found then return found end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return ARGV[1]";

/// Puts a value where the head that its reader saw still stands: nothing was put out since, and nothing was lost.
const FILL: &str = "
if redis.call('GETRANGE', KEYS[1], 0, #ARGV[1] - 1) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1";

/// Puts a tombstone, unless what stands there is at least of its version. Versions are compared in halves, because the numbers of
/// Lua are exact only up to 53 bits.
const PUT_OUT: &str = "
local held = redis.call('GETRANGE', KEYS[1], 0, 7)
if #held == 8 then
  local a, b = struct.unpack('>I4I4', held)
  local c, d = struct.unpack('>I4I4', ARGV[1])
  if a > c or (a == c and b >= d) then return 0 end
end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return 1";

/// Notes that a commit was put out. The key is a sorted set of commits: all up to the first of them were put out, or came before
/// the cache epoch that the member `epoch` holds below them. Where the set was lost, 0 stands for what nobody knows.
const NOTE: &str = "
local commit = tonumber(ARGV[1])
local first = redis.call('ZRANGEBYSCORE', KEYS[1], 0, '+inf', 'LIMIT', 0, 1)[1]
if not first then
  first = 0
  redis.call('ZADD', KEYS[1], 0, 0)
end
local low = tonumber(first)
if commit > low then redis.call('ZADD', KEYS[1], ARGV[1], ARGV[1]) end
while redis.call('ZSCORE', KEYS[1], low + 1) do
  redis.call('ZREM', KEYS[1], low)
  low = low + 1
end
redis.call('EXPIRE', KEYS[1], 604800)
return low";

/// A new cache epoch began after a commit: nothing up to that is to be put out for it.
const REBASE: &str = "
local base = tonumber(ARGV[1])
local first = redis.call('ZRANGEBYSCORE', KEYS[1], 0, '+inf', 'LIMIT', 0, 1)[1]
if first and tonumber(first) >= base then return 0 end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
redis.call('ZADD', KEYS[1], -1 - tonumber(ARGV[2]), 'epoch', ARGV[1], ARGV[1])
local low = base
while redis.call('ZSCORE', KEYS[1], low + 1) do
  redis.call('ZREM', KEYS[1], low)
  low = low + 1
end
redis.call('EXPIRE', KEYS[1], 604800)
return 1";

/// The commit up to which all were put out, and the cache epoch from which on that is so.
const KNOWS: &str = "
local first = redis.call('ZRANGEBYSCORE', KEYS[1], 0, '+inf', 'LIMIT', 0, 1)[1]
local epoch = redis.call('ZSCORE', KEYS[1], 'epoch')
return {tonumber(first or 0), epoch and -1 - tonumber(epoch) or 0}";

/// A script and the name by which a server remembers it.
pub(super) struct Script {
    text: &'static str,
    name: String,
}

impl Script {
    fn new(text: &'static str) -> Self {
        Self {
            text,
            // The name is no secret and guards nothing: Redis wants this digest.
            name: hex(digest(&SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes()).as_ref()),
        }
    }

    /// By name, for a server that remembers it.
    pub(super) fn by_name(&self, key: &str) -> Cmd {
        command("EVALSHA", &self.name, key)
    }

    /// By its text, after which the server remembers it.
    pub(super) fn by_text(&self, key: &str) -> Cmd {
        command("EVAL", self.text, key)
    }
}

fn command(name: &str, script: &str, key: &str) -> Cmd {
    let mut command = redis::cmd(name);
    command.arg(script).arg(1).arg(key);
    command
}

/// All of them.
pub(super) struct Scripts {
    pub(super) get: Script,
    pub(super) fill: Script,
    pub(super) put_out: Script,
    pub(super) note: Script,
    pub(super) rebase: Script,
    pub(super) knows: Script,
}

impl Scripts {
    pub(super) fn new() -> Self {
        Self {
            get: Script::new(GET),
            fill: Script::new(FILL),
            put_out: Script::new(PUT_OUT),
            note: Script::new(NOTE),
            rebase: Script::new(REBASE),
            knows: Script::new(KNOWS),
        }
    }
}
