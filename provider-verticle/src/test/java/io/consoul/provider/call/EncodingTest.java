package io.consoul.provider.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("An encoded error body")
class EncodingTest {

  private interface Wrapping {
    OutputStream over(OutputStream target) throws IOException;
  }

  private static final String TEXT = "{\"error\":{\"code\":\"context_length_exceeded\"}}";

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "x-gzip", " GZIP "})
  @DisplayName("is decoded from gzip")
  void gzip(String header) {
    assertThat(decode(header, encode(TEXT.getBytes(), GZIPOutputStream::new))).isEqualTo(TEXT);
  }

  @Test
  @DisplayName("is decoded from deflate, be it with zlib's frame or without")
  void deflate() {
    assertThat(decode("deflate", encode(TEXT.getBytes(), DeflaterOutputStream::new)))
        .isEqualTo(TEXT);
    byte[] raw =
        encode(TEXT.getBytes(), out -> new DeflaterOutputStream(out, new Deflater(9, true)));
    assertThat(decode("deflate", raw)).isEqualTo(TEXT);
  }

  @Test
  @DisplayName("is taken as it is without an encoding, and as empty with one that nobody knows")
  void others() {
    assertThat(decode(null, TEXT.getBytes())).isEqualTo(TEXT);
    assertThat(decode("identity", TEXT.getBytes())).isEqualTo(TEXT);
    assertThat(decode("br", TEXT.getBytes())).isEmpty();
    assertThat(decode("gzip, gzip", TEXT.getBytes())).isEmpty();
  }

  @Test
  @DisplayName("is decoded no further than the limit, however much a few bytes stand for")
  void bomb() {
    byte[] bomb = encode(new byte[50 * 1024 * 1024], GZIPOutputStream::new);
    assertThat(bomb).hasSizeLessThan(ErrorBody.LIMIT);
    assertThat(Encoding.GZIP.decode(Buffer.buffer(bomb), ErrorBody.LIMIT).length())
        .isEqualTo(ErrorBody.LIMIT);
  }

  @Test
  @DisplayName("counts as far as it came, and is empty if it is nothing of the kind")
  void cut() {
    byte[] text = "0123456789".repeat(3_000).getBytes();
    byte[] whole = encode(text, out -> new GZIPOutputStream(out, 16));
    String part = decode("gzip", java.util.Arrays.copyOf(whole, whole.length - 9));
    assertThat(new String(text)).startsWith(part);
    assertThat(part).isNotEmpty();
    assertThat(decode("gzip", TEXT.getBytes())).isEmpty();
    assertThat(decode("gzip", new byte[0])).isEmpty();
    assertThat(decode("deflate", TEXT.getBytes())).isEmpty();
  }

  private static String decode(String header, byte[] body) {
    return Encoding.of(header).decode(Buffer.buffer(body), ErrorBody.LIMIT).toString();
  }

  private static byte[] encode(byte[] body, Wrapping wrapping) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = wrapping.over(bytes)) {
      out.write(body);
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
    return bytes.toByteArray();
  }
}
