package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonObject;

/**
 * The end of an answer as somebody holds it, for the case that its provider is gone: it reaches beyond what was journalled.
 *
 * @param fence of the attempt that said it
 * @param offset where the text begins in the whole answer, in UTF-16 code units
 */
public record Heard(long fence, int offset, String text) {

  /** Most characters of it that anybody keeps or sends: far more than is said between two entries of a journal. */
  public static final int MOST = 16 * 1024;

  public Heard {
    requireNonNull(text, "text");
  }

  public JsonObject toJson() {
    return new JsonObject().put("fence", fence).put("offset", offset).put("text", text);
  }

  /** @param json null for none */
  public static Heard fromJson(JsonObject json) {
    return json == null
        ? null
        : new Heard(json.getLong("fence"), json.getInteger("offset"), json.getString("text"));
  }
}
