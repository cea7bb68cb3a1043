package io.consoul.testkit;

import io.vertx.core.MultiMap;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** One provider's API: which requests it takes, how it refuses, lists its models, and answers. */
interface Dialect {

  /** Reads all that will be read. @throws InvalidRequest for what the real API refuses */
  void check(ModelRequest request);

  /** Whether the request brings this key where the API wants it. */
  boolean bears(ModelRequest request, String key);

  /** @param hint when to ask again, or null */
  RefusalAnswer refusal(Refusal why, String model, RetryHint hint);

  RefusalAnswer invalid(String message);

  RefusalAnswer noSuchPath(String method, String path);

  /**
   * Puts the request's id where the API has it.
   *
   * @param refusal the body of one, or null
   */
  void mark(int number, MultiMap headers, JsonObject refusal);

  JsonObject models(List<String> names);

  JsonObject model(String name);

  /** Whether a last message of the assistant's own is gone on with, whatever the script says. */
  boolean continuesPrefill();

  AnswerWire answer(int number, ModelRequest request, Script script, List<Piece> pieces);
}
