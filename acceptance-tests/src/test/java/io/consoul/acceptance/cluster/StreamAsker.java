package io.consoul.acceptance.cluster;

import io.consoul.testkit.ChatClient;
import io.consoul.testkit.EventStream;
import io.consoul.testkit.SseEvent;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.Optional;

/** Over server-sent events, as a page's {@code EventSource} does: it comes back with the id of the last event. */
final class StreamAsker extends Asker {

  private final Entrances nodes;
  private String lastEventId;
  private int resumed;

  StreamAsker(Entrances nodes) {
    this.nodes = nodes;
  }

  @Override
  void begin(Transcript transcript) {
    lastEventId = transcript.turn() == null ? null : transcript.turn() + ":0";
  }

  @Override
  void attempt(Turn turn) {
    EventStream stream = open(turn);
    boolean begun = false;
    try {
      Optional<SseEvent> event = stream.next(SILENCE);
      while (event.isPresent()) {
        begun = true;
        if (take(event.get(), turn.transcript())) {
          return;
        }
        event = stream.next(SILENCE);
      }
      if (begun) {
        turn.transcript().broken(stream.ended() ? "stream" : "silent stream");
      } else {
        notBegun(stream, turn.transcript());
      }
    } finally {
      stream.abort();
    }
  }

  /** By both ways that there are, in turn. */
  private EventStream open(Turn turn) {
    ChatClient node = nodes.next();
    JsonObject question =
        new JsonObject().put("session_id", turn.session()).put("message", turn.message());
    if (lastEventId == null) {
      return node.stream("/chat/stream", question, Map.of("Idempotency-Key", turn.key()));
    }
    return resumed++ % 2 == 0
        ? node.follow(turnOf(lastEventId), lastEventId)
        : node.stream("/chat/stream", question, Map.of("Last-Event-ID", lastEventId));
  }

  private static String turnOf(String eventId) {
    String turn = eventId.substring(0, eventId.lastIndexOf(':'));
    int cuts = turn.lastIndexOf('~');
    return cuts < 0 ? turn : turn.substring(0, cuts);
  }

  /** @return whether nothing more comes of this stream */
  private boolean take(SseEvent event, Transcript transcript) {
    if (event.id() != null) {
      lastEventId = event.id();
      transcript.turn(turnOf(lastEventId));
    }
    switch (event.event()) {
      case "token" -> transcript.token(event.json());
      case "done" -> transcript.done(event.json());
      case "error" -> shown(transcript, event.json());
      default -> transcript.failed("an unknown event: " + event);
    }
    return !event.event().equals("token");
  }

  private static void notBegun(EventStream stream, Transcript transcript) {
    if (!stream.ended()) {
      transcript.refused("silence");
      return;
    }
    int status;
    try {
      status = stream.status();
    } catch (RuntimeException | AssertionError lost) {
      transcript.refused("no answer: " + lost);
      return;
    }
    if (status == 200) {
      transcript.refused("an empty stream");
    } else {
      refused(transcript, status, stream.refusal().json());
    }
  }
}
