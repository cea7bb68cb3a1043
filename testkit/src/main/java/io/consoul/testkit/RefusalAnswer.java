package io.consoul.testkit;

import io.vertx.core.json.JsonObject;

/** A refusal as one format words it. */
record RefusalAnswer(int status, JsonObject body) {}
