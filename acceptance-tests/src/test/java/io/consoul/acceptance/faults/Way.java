package io.consoul.acceptance.faults;

import io.consoul.testkit.ChatClient;
import io.consoul.testkit.EventStream;
import io.consoul.testkit.HttpAnswer;
import io.consoul.testkit.SocketClient;
import io.consoul.testkit.SseEvent;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** The ways to ask for an answer. Each begins a turn at once; its end is then waited for, within a limit. */
enum Way {
  CHAT {
    @Override
    Supplier<Ended> begin(ChatClient client, String session, String model, String message) {
      Future<HttpAnswer> asked =
          client.begin(HttpMethod.POST, "/chat", Map.of(), body(session, model, message));
      return () -> {
        HttpAnswer answer = await(asked);
        JsonObject json = answer.json();
        return answer.status() == 200
            ? new Ended(json.getString("response"), null, false, isRescued(json))
            : failed(null, json);
      };
    }
  },

  STREAM {
    @Override
    Supplier<Ended> begin(ChatClient client, String session, String model, String message) {
      EventStream stream =
          client.stream("/chat/stream", new JsonObject(body(session, model, message)), Map.of());
      return () -> {
        if (stream.status() != 200) {
          return failed("", stream.refusal().json());
        }
        stream.awaitEnd(LIMIT);
        List<SseEvent> done = stream.events("done");
        if (done.isEmpty()) {
          return failed(stream.text(), stream.await("error").json());
        }
        return new Ended(stream.text(), null, false, isRescued(done.get(0).json()));
      };
    }
  },

  SOCKET {
    @Override
    Supplier<Ended> begin(ChatClient client, String session, String model, String message) {
      SocketClient socket = client.connect(session);
      socket.send(
          new JsonObject().put("type", "message").put("content", message).put("model", model));
      return () -> {
        try (socket) {
          JsonObject last = socket.next(
              event -> List.of("done", "error").contains(event.getString("type")),
              "end of the turn",
              LIMIT);
          JsonObject data = last.getJsonObject("data");
          String turn = data.getString("turn_id");
          String text = turn == null ? "" : socket.text(turn);
          return last.getString("type").equals("done")
              ? new Ended(text, null, false, isRescued(data))
              : failed(text, data);
        }
      };
    }
  };

  /** Longer than any turn takes with the limits that the product has here: what takes longer hangs. */
  static final Duration LIMIT = Duration.ofSeconds(60);

  abstract Supplier<Ended> begin(ChatClient client, String session, String model, String message);

  private static Buffer body(String session, String model, String message) {
    return new JsonObject()
        .put("session_id", session)
        .put("message", message)
        .put("model", model)
        .toBuffer();
  }

  private static boolean isRescued(JsonObject done) {
    return done.getBoolean("rescued", false);
  }

  private static Ended failed(String text, JsonObject error) {
    return new Ended(text, error.getString("code"), error.getBoolean("recoverable"), false);
  }

  private static HttpAnswer await(Future<HttpAnswer> asked) {
    try {
      return asked
          .toCompletionStage()
          .toCompletableFuture()
          .get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException failed) {
      throw new AssertionError("no answer to POST /chat", failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", interrupted);
    }
  }
}
