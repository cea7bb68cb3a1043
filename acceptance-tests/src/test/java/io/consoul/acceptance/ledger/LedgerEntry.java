package io.consoul.acceptance.ledger;

import io.vertx.core.json.JsonObject;

/**
 * One turn as its client knows it in the end, after all its attempts.
 *
 * @param text of the message; no other entry has it
 * @param key of idempotency, or null
 * @param invoked when the first attempt began, in nanoseconds
 * @param ended when its client knew the outcome, or gave up
 * @param turn id of the turn, or null where none is known
 * @param answer as it was acknowledged, or null
 * @param note what the client was told, for a person
 */
record LedgerEntry(
    int client,
    String session,
    String text,
    String key,
    long invoked,
    long ended,
    Outcome outcome,
    String turn,
    String answer,
    String finishReason,
    int attempts,
    String note) {

  enum Outcome {
    /** The server has said that it is stored. */
    ACKNOWLEDGED,
    /** The server has said that it is stored as far as it went. */
    CUT_OFF,
    /** The server has said that it will not be. */
    REFUSED,
    /** It may be stored, once, or not. */
    UNKNOWN
  }

  boolean isSaidToBeStored() {
    return outcome == Outcome.ACKNOWLEDGED || outcome == Outcome.CUT_OFF;
  }

  JsonObject toJson(long start) {
    return new JsonObject()
        .put("client", client)
        .put("session", session)
        .put("text", text)
        .put("key", key)
        .put("invoked_ms", (invoked - start) / 1_000_000)
        .put("ended_ms", (ended - start) / 1_000_000)
        .put("outcome", outcome)
        .put("turn", turn)
        .put("answer", answer)
        .put("finish_reason", finishReason)
        .put("attempts", attempts)
        .put("note", note);
  }
}
