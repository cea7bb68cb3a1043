package io.consoul.redis;

import io.vertx.redis.client.impl.types.ErrorType;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/**
 * Why Redis cannot be used just now. The texts are ours: what an exception or an error reply says may quote an address with
 * its password, a key or a text.
 */
enum RedisTrouble {
  REFUSED("refuses connections", "start it"),
  TIME_OUT(
      "does not answer in time",
      "see whether it runs and is not overloaded, and whether it expects TLS (rediss://) or does not (redis://)"),
  UNKNOWN_HOST("has a host name that is not known", "see whether the name is right"),
  CLOSED(
      "closes the connection",
      "see whether it runs, and whether it expects TLS (rediss://) or does not (redis://)"),
  TLS(
      "does not agree on TLS",
      "see whether its certificate is valid for that name and whether CONSOUL_REDIS_CA_FILE names who signed it"),
  PASSWORD("does not accept the user and password", "correct them"),
  NOT_A_MASTER("is a replica and takes no writes", "name the master, or use the mode sentinel"),
  WRONG_MODE(
      "is not what CONSOUL_REDIS_MODE says (standalone, sentinel or cluster)",
      "correct the mode, and in the mode sentinel CONSOUL_REDIS_MASTER_NAME"),
  DATABASE("does not have the database that the URL names", "choose another number"),
  TOO_OLD("is older than 6.2", "use Redis 6.2 or newer"),
  LOADING("still reads its data", "wait until it is ready"),
  FULL("has no memory left for writes", "give it more, or set another maxmemory"),
  NO_WRITES("refuses writes, for it cannot save them or has too few replicas", "see its own log"),
  BUSY("is busy with a long script", "end that with SCRIPT KILL"),
  CLUSTER("is not a whole cluster", "see CLUSTER INFO for what is missing"),
  CLIENTS("has as many clients as it takes", "raise its maxclients"),
  OTHER("does not work", "see its own log");

  /** How an error in a script begins before Redis 7, and what the command in it said. */
  private static final Pattern IN_SCRIPT =
      Pattern.compile("^ERR Error running script.*: -([A-Z]+) ");

  private final String text;
  private final String advice;

  RedisTrouble(String text, String advice) {
    this.text = text;
    this.advice = advice;
  }

  /** Follows the server's address. */
  String text() {
    return text;
  }

  /** What to do about it. */
  String advice() {
    return advice;
  }

  /** @return empty where Redis did answer, with an error that is about the command and not about Redis */
  static Optional<RedisTrouble> in(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof RedisTroubleException known) {
        return Optional.of(known.trouble());
      }
      if (cause instanceof ErrorType error) {
        return inReply(error.getMessage());
      }
      if (cause instanceof SSLException) {
        return Optional.of(TLS);
      }
      if (cause instanceof UnknownHostException || cause instanceof UnresolvedAddressException) {
        return Optional.of(UNKNOWN_HOST);
      }
      if (cause instanceof TimeoutException
          || cause instanceof io.netty.channel.ConnectTimeoutException) {
        return Optional.of(TIME_OUT);
      }
      if (cause instanceof ConnectException) {
        return Optional.of(REFUSED);
      }
    }
    return Optional.of(CLOSED);
  }

  private static Optional<RedisTrouble> inReply(String reply) {
    Matcher inScript = IN_SCRIPT.matcher(reply);
    String word = inScript.find() ? inScript.group(1) : reply.split(" ", 2)[0];
    return Optional.ofNullable(
        switch (word) {
          case "CONNECTION_CLOSED" -> CLOSED;
          case "WRONGPASS", "NOAUTH", "NOPERM" -> PASSWORD;
          case "READONLY", "MASTERDOWN" -> NOT_A_MASTER;
          case "LOADING" -> LOADING;
          case "OOM" -> FULL;
          case "MISCONF", "NOREPLICAS" -> NO_WRITES;
          case "BUSY" -> BUSY;
          case "CLUSTERDOWN", "TRYAGAIN" -> CLUSTER;
          case "MOVED", "ASK" -> WRONG_MODE;
          case "ERR" -> inText(reply);
          default -> null;
        });
  }

  private static RedisTrouble inText(String reply) {
    if (reply.startsWith("ERR max number of clients")) {
      return CLIENTS;
    }
    if (reply.startsWith("ERR This instance has cluster support disabled")
        || reply.startsWith("ERR unknown command 'SENTINEL'")
        || reply.startsWith("ERR unknown command `SENTINEL`")
        || reply.startsWith("ERR unknown command 'EVAL'")
        || reply.startsWith("ERR unknown command `EVAL`")) {
      return WRONG_MODE;
    }
    return reply.startsWith("ERR DB index")
            || reply.startsWith("ERR invalid DB index")
            || reply.startsWith("ERR SELECT is not allowed in cluster mode")
        ? DATABASE
        : null;
  }
}
