package io.consoul.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.consoul.message.Tenant;

/**
 * The names of all keys in Redis; no other class makes one. The braces put one session's keys into one slot of a Redis
 * Cluster. docs/sessions.md says what each key holds.
 */
final class RedisKeys {

  /** The keys of one session. */
  record OfSession(String head) {

    /** List: a user's message and its answer in turn, each as {@link StoredMessage#encoded}. */
    String messages() {
      return head + ":m";
    }

    /** Hash: lease and pending turn, or which batch has the session. */
    String lease() {
      return head + ":l";
    }

    /** List: what was said in the pending turn, in pieces with their offsets. */
    String journal() {
      return head + ":j";
    }

    /** Hash: turn id to {@link SealedTurn#encoded}. */
    String turns() {
      return head + ":t";
    }

    /** Hash: hash of an idempotency key to fingerprint and turn. */
    String keys() {
      return head + ":i";
    }

    /** List: the hashes of the idempotency keys, oldest first, so that there is a bound. */
    String keyOrder() {
      return head + ":o";
    }

    /** Hash, for ten minutes: what a deleted session leaves behind, so that late writes are refused. */
    String grave() {
      return head + ":x";
    }

    /** Hash: which instances wait for the session, and since when. */
    String waiters() {
      return head + ":w";
    }
  }

  private final String prefix;

  /** @param prefix ends in a colon */
  RedisKeys(String prefix) {
    this.prefix = prefix;
  }

  /** @param sessionKey tenant and session id, as {@link io.consoul.message.SessionRequest#sessionKey()} gives it */
  OfSession of(String sessionKey) {
    return new OfSession(prefix + "{" + member(sessionKey) + "}");
  }

  /** Sorted set: every session that is kept, by when it expires, in milliseconds. */
  String index() {
    return prefix + "index";
  }

  /** Sorted set: sessions with a turn in progress, by when its lease ends. */
  String running() {
    return prefix + "running";
  }

  /** Sorted set: a tenant's sessions, by when they were made. */
  String list(Tenant tenant) {
    return prefix + "list:" + tenant.name();
  }

  /** String: made once, at the first start; another or none tells that the server is not the one it was. */
  String epoch() {
    return prefix + "epoch";
  }

  /** String: who collects garbage just now. */
  String collector() {
    return prefix + "collector";
  }

  /**
   * String: what probes write.
   *
   * @param number so that every server of a cluster has one
   */
  String probe(int number) {
    return prefix + "probe:" + number;
  }

  /** Matches the head of every session and all that belongs to one. */
  String pattern() {
    return prefix.replaceAll("([\\\\*?\\[\\]^-])", "\\\\$1") + "{*";
  }

  /** How a session is called in an index and in its keys: printable, and without braces. */
  static String member(String sessionKey) {
    StringBuilder member = null;
    byte[] bytes = sessionKey.getBytes(UTF_8);
    for (int i = 0; i < bytes.length; i++) {
      byte each = bytes[i];
      boolean plain = each > ' ' && each < 0x7F && each != '{' && each != '}' && each != '%';
      if (!plain && member == null) {
        member = new StringBuilder(bytes.length + 8).append(new String(bytes, 0, i, UTF_8));
      }
      if (member != null) {
        if (plain) {
          member.append((char) each);
        } else {
          member.append('%').append(String.format("%02X", each & 0xFF));
        }
      }
    }
    return member == null ? sessionKey : member.toString();
  }
}
