package io.consoul.message;

import io.vertx.core.json.JsonObject;
import java.time.Instant;

/**
 * The answer is stored: a client that sees this can always read it back. A receiver that holds less than {@code length}
 * has a gap and follows the turn again from what it has.
 *
 * @param provider the configured name of the provider that answered, not an address
 * @param asides how many there were
 * @param rescues how often the answer went on after its provider had failed in the middle of it
 * @param timestamp when the store took it
 * @param durationMillis from when the turn had its lease
 */
public record Completed(
    TurnId turn,
    long listenerId,
    long fence,
    int length,
    FinishReason finishReason,
    Usage usage,
    String model,
    String provider,
    int asides,
    int rescues,
    Instant timestamp,
    long durationMillis)
    implements TurnEvent {

  public Completed(
      TurnId turn,
      long fence,
      int length,
      FinishReason finishReason,
      Usage usage,
      String model,
      String provider,
      Instant timestamp,
      long durationMillis) {
    this(
        turn,
        Listener.ONLY,
        fence,
        length,
        finishReason,
        usage,
        model,
        provider,
        0,
        0,
        timestamp,
        durationMillis);
  }

  @Override
  public Completed to(long listener) {
    return listener == listenerId
        ? this
        : new Completed(
            turn,
            listener,
            fence,
            length,
            finishReason,
            usage,
            model,
            provider,
            asides,
            rescues,
            timestamp,
            durationMillis);
  }

  @Override
  public WireType wireType() {
    return WireType.TURN_COMPLETED;
  }

  @Override
  public JsonObject toJson() {
    return Listener.number(
        new JsonObject()
            .put("turn", turn.value())
            .put("fence", fence)
            .put("length", length)
            .put("finish_reason", finishReason.wireName())
            .put("usage", usage.toJson())
            .put("model", model)
            .put("provider", provider)
            .put("asides", asides)
            .put("rescues", rescues)
            .put("timestamp", timestamp)
            .put("duration_ms", durationMillis),
        listenerId);
  }

  static Completed fromJson(JsonObject json) {
    return new Completed(
        TurnId.parse(json.getString("turn")),
        Listener.number(json),
        json.getLong("fence"),
        json.getInteger("length"),
        FinishReason.of(json.getString("finish_reason")),
        Usage.fromJson(json.getJsonObject("usage")),
        json.getString("model"),
        json.getString("provider"),
        json.getInteger("asides", 0),
        json.getInteger("rescues", 0),
        json.getInstant("timestamp"),
        json.getLong("duration_ms", 0L));
  }
}
