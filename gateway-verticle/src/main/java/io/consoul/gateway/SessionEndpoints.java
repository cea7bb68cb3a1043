package io.consoul.gateway;

import io.consoul.message.CreateSession;
import io.consoul.message.DeleteSession;
import io.consoul.message.Deleted;
import io.consoul.message.ListSessions;
import io.consoul.message.MessagePage;
import io.consoul.message.ReadMessages;
import io.consoul.message.ReadSession;
import io.consoul.message.SessionId;
import io.consoul.message.SessionInfo;
import io.consoul.message.Settings;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Base64;
import java.util.Map;

/** Sessions as resources: made, listed, read page by page, forgotten. */
final class SessionEndpoints {

  /** 128 bits: another client's session cannot be guessed. */
  private static final int ID_BYTES = 16;

  private final Gate gate;
  private final RequestBody body;
  private final TurnPeers peers;

  SessionEndpoints(Gate gate, RequestBody body, TurnPeers peers) {
    this.gate = gate;
    this.body = body;
    this.peers = peers;
  }

  /** POST /sessions. */
  void create(Exchange exchange) {
    body.optionalFields(exchange)
        .map(given -> creation(exchange, given))
        .compose(creation -> peers.ask(creation, SessionInfo.class))
        .onSuccess(made -> exchange.json(201, SessionBody.whole(made)))
        .onFailure(exchange::fail);
  }

  /** GET /sessions. */
  void list(Exchange exchange) {
    gate.requireListing(exchange);
    Query query = Query.of(exchange.request());
    peers
        .list(new ListSessions(
            exchange.tenant(),
            exchange.caller().owner(),
            query.text("namespace"),
            limit(query),
            query.text("cursor"),
            false))
        .onSuccess(page -> exchange.json(
            200,
            new JsonObject()
                .put(
                    "sessions",
                    new JsonArray(
                        page.sessions().stream().map(SessionBody::summary).toList()))
                .put("next_cursor", page.nextCursor())))
        .onFailure(exchange::fail);
  }

  /** GET /sessions/{id}. */
  void get(Exchange exchange) {
    peers
        .ask(new ReadSession(session(exchange), exchange.tenant()), SessionInfo.class)
        .onSuccess(session -> exchange.json(200, SessionBody.whole(session)))
        .onFailure(exchange::fail);
  }

  /** GET /sessions/{id}/messages. */
  void messages(Exchange exchange) {
    Query query = Query.of(exchange.request());
    ReadMessages read =
        new ReadMessages(session(exchange), exchange.tenant(), limit(query), query.text("cursor"));
    peers
        .ask(read, MessagePage.class)
        .onSuccess(page -> exchange.json(
            200,
            new JsonObject()
                .put("session_id", page.session().value())
                .put(
                    "messages",
                    new JsonArray(
                        page.messages().stream().map(SessionBody::message).toList()))
                .put("next_cursor", page.nextCursor())))
        .onFailure(exchange::fail);
  }

  /** DELETE /sessions/{id}. */
  void delete(Exchange exchange) {
    peers
        .ask(new DeleteSession(session(exchange), exchange.tenant()), Deleted.class)
        .onSuccess(deleted -> exchange.empty(204))
        .onFailure(exchange::fail);
  }

  private CreateSession creation(Exchange exchange, Fields fields) {
    Problems problems = new Problems();
    SessionId session = fields.has("session_id") ? problems.in(fields::session) : newId();
    String model = problems.in(fields::model);
    String prompt =
        problems.in(() -> fields.optionalText("system_prompt", Settings.MAX_SYSTEM_PROMPT));
    Double temperature = problems.in(fields::temperature);
    Integer maxTokens = problems.in(() -> fields.maxTokens("max_tokens"));
    Map<String, String> metadata = problems.in(() -> metadata(fields));
    problems.check();
    return new CreateSession(
        session,
        exchange.tenant(),
        exchange.caller().owner(),
        model,
        new Settings(prompt, temperature, maxTokens),
        metadata);
  }

  private static Map<String, String> metadata(Fields fields) {
    return fields.texts(
        "metadata",
        CreateSession.MAX_METADATA,
        CreateSession.MAX_METADATA_NAME,
        CreateSession.MAX_METADATA_VALUE);
  }

  private SessionId newId() {
    byte[] bits = new byte[ID_BYTES];
    peers.node().random().nextBytes(bits);
    return new SessionId(Base64.getUrlEncoder().withoutPadding().encodeToString(bits));
  }

  private static SessionId session(Exchange exchange) {
    return PathSegment.session(exchange.request().path(), 1);
  }

  private static int limit(Query query) {
    return query.integer("limit", ReadMessages.DEFAULT_LIMIT, 1, ReadMessages.MAX_LIMIT);
  }
}
