package io.consoul.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A script that runs in Redis, one atomic step; its file says what its keys and arguments are. It must be safe to repeat, or
 * its caller must not mind: see {@link RedisLink#run}.
 */
public interface RedisScript {

  String source();

  /** By which Redis knows it. */
  String sha();

  /** @param file a resource of the owner's module */
  static RedisScript read(Class<?> owner, String file) {
    try (InputStream script = owner.getResourceAsStream(file)) {
      return of(new String(script.readAllBytes(), UTF_8));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  static RedisScript of(String source) {
    record Known(String source, String sha) implements RedisScript {}

    return new Known(source, sha(source));
  }

  private static String sha(String source) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-1").digest(source.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("every Java has SHA-1", missing);
    }
  }
}
