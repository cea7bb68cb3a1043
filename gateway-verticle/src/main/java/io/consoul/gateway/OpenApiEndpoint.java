package io.consoul.gateway;

import io.consoul.message.Sha256;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** GET /openapi.json: the description of this API, which a test compares with what the gateway does. */
final class OpenApiEndpoint {

  private static final int TAG_BYTES = 8;

  private final Buffer document;
  private final String tag;

  /** @param version of the product, which the document names */
  OpenApiEndpoint(String version) {
    JsonObject json = description();
    json.getJsonObject("info").put("version", version);
    this.document = json.toBuffer();
    this.tag = tagOf(document.getBytes());
  }

  void document(Exchange exchange) {
    exchange.response().putHeader("ETag", tag);
    if (isKnown(exchange.request().getHeader("If-None-Match"))) {
      exchange.empty(304);
    } else {
      exchange.json(200, document, "no-cache"); // kept, but asked about before each use
    }
  }

  /** The file as it is, without a version. */
  static JsonObject description() {
    try (InputStream in = OpenApiEndpoint.class.getResourceAsStream("openapi.json")) {
      return new JsonObject(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private boolean isKnown(String tags) {
    return tags != null
        && Arrays.stream(tags.split(","))
            .map(each -> each.strip().replaceFirst("^W/", ""))
            .anyMatch(each -> each.equals(tag) || each.equals("*"));
  }

  private static String tagOf(byte[] bytes) {
    return '"' + HexFormat.of().formatHex(Sha256.digest().digest(bytes), 0, TAG_BYTES) + '"';
  }
}
