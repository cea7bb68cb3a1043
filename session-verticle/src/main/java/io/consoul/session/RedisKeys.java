package io.consoul.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.consoul.fault.FaultException;
import io.consoul.message.SessionId;
import io.consoul.message.Tenant;
import java.io.ByteArrayOutputStream;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The names of all keys in Redis; no other class makes one, but for the two with the same prefix that belong to
 * {@link io.consoul.redis.RedisUse the watch}. The braces put one session's keys into one slot of a Redis
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

  /** Sorted set: the session ids of a list as they are, the newest first: by the negative of when they were made. */
  String list(ListName list) {
    return prefix + "list:" + list;
  }

  /** String: who collects garbage just now. */
  String collector() {
    return prefix + "collector";
  }

  /** Matches the head of every session and all that belongs to one. */
  String pattern() {
    return prefix.replaceAll("([\\\\*?\\[\\]^-])", "\\\\$1") + "{*";
  }

  /** Whose key this is; empty where it is none of a session's. */
  Optional<SessionName> nameInKey(String key) {
    int end = key.indexOf('}', prefix.length());
    return end > 0 && key.startsWith(prefix + "{")
        ? name(key.substring(prefix.length() + 1, end))
        : Optional.empty();
  }

  /** Reads what {@link #member} wrote; empty where it did not. */
  static Optional<SessionName> name(String member) {
    try {
      String sessionKey = decoded(member);
      int colon = sessionKey.indexOf(':');
      SessionName name = new SessionName(
          new Tenant(sessionKey.substring(0, colon)),
          new SessionId(sessionKey.substring(colon + 1)));
      return member(name).equals(member) ? Optional.of(name) : Optional.empty();
    } catch (FaultException | IllegalArgumentException | IndexOutOfBoundsException foreign) {
      return Optional.empty();
    }
  }

  /** Reads what {@link #listed(ListedSession)} wrote; empty where it did not. */
  static Optional<ListedSession> listed(String member) {
    try {
      String text = decoded(member);
      int colon = text.indexOf(':');
      ListedSession session = new ListedSession(
          ListName.parse(text.substring(0, colon)), new SessionId(text.substring(colon + 1)));
      return listed(session).equals(member) ? Optional.of(session) : Optional.empty();
    } catch (FaultException | IllegalArgumentException | IndexOutOfBoundsException foreign) {
      return Optional.empty();
    }
  }

  private static String decoded(String member) {
    if (member.indexOf('%') < 0) {
      return member;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(member.length());
    for (int i = 0; i < member.length(); i++) {
      if (member.charAt(i) == '%') {
        bytes.write(HexFormat.fromHexDigits(member, i + 1, i + 3));
        i += 2;
      } else {
        bytes.write(member.charAt(i));
      }
    }
    return bytes.toString(UTF_8);
  }

  static String member(SessionName name) {
    return member(name.key());
  }

  /** How a session is called in the index of all, which has to tell its list when the session itself is gone. */
  static String listed(ListedSession session) {
    return member(session.list() + ":" + session.session());
  }

  /** How a session is called in its keys and among those with a turn in progress: printable, and without braces. */
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
