package io.consoul.provider.call;

import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/** How a body is encoded. We ask for none, but some proxies encode their errors all the same. */
enum Encoding {
  PLAIN,
  GZIP,
  DEFLATE,
  UNKNOWN;

  /** The low half of a zlib stream's first byte. A raw one, which some servers mean by deflate, does not begin so. */
  private static final int ZLIB = 8;

  /** @param header or null */
  static Encoding of(String header) {
    return switch (header == null ? "" : header.strip().toLowerCase(Locale.ROOT)) {
      case "", "identity" -> PLAIN;
      case "gzip", "x-gzip" -> GZIP;
      case "deflate" -> DEFLATE;
      default -> UNKNOWN;
    };
  }

  /** As much of it as can be decoded, and no more than the limit: a few bytes can stand for gigabytes. */
  Buffer decode(Buffer body, int limit) {
    return switch (this) {
      case PLAIN -> body;
      case GZIP, DEFLATE -> inflate(body.getBytes(), limit);
      case UNKNOWN -> Buffer.buffer();
    };
  }

  private Buffer inflate(byte[] body, int limit) {
    Buffer plain = Buffer.buffer();
    byte[] piece = new byte[4 * 1024];
    try (InputStream stream = open(body)) {
      int read = 0;
      while (read >= 0 && plain.length() < limit) {
        plain.appendBytes(piece, 0, read);
        read = stream.read(piece, 0, Math.min(piece.length, limit - plain.length()));
      }
    } catch (IOException cutOrBroken) {
      // what came before it still counts
    }
    return plain;
  }

  private InputStream open(byte[] body) throws IOException {
    InputStream bytes = new ByteArrayInputStream(body);
    if (this == GZIP) {
      return new GZIPInputStream(bytes);
    }
    boolean zlib = body.length > 0 && (body[0] & 0x0f) == ZLIB;
    return new InflaterInputStream(bytes, new Inflater(!zlib));
  }
}
