package io.consoul.launcher.tryout;

import java.util.List;
import java.util.Optional;

/** What to do with a cluster that is up: lines to paste, for an answer that goes on when its node is killed. */
record Example(List<Member> members, String key, String keyOption) {

  /** Long enough to kill a node meanwhile: the echo model, which is there without a key, says fifty words a second. */
  private static final String BODY =
      "\"{\\\"session_id\\\":\\\"me\\\",\\\"message\\\":\\\"Say this: $(seq -s ' ' 1000)\\\"}\"";

  String text() {
    List<Member> gateways =
        members.stream().filter(member -> member.role().hasGateway()).toList();
    Member one = gateways.get(0);
    Member other = gateways.get(gateways.size() > 1 ? 1 : 0);
    StringBuilder text = new StringBuilder("\nAn answer, from node " + one.number() + ":\n\n" + curl(one));
    victim().ifPresent(victim -> text.append("\n\nKill node ")
        .append(victim.number())
        .append(" while it speaks, from a second terminal, and ask node ")
        .append(other.number())
        .append(" for the same answer:\n\n  kill -9 ")
        .append(victim.pid())
        .append("\n")
        .append(curl(other)));
    return text.append("\n\nCtrl-C stops all nodes.").toString();
  }

  /** One that gives the answer and leaves another that can go on with it. */
  private Optional<Member> victim() {
    List<Member> providers =
        members.stream().filter(member -> member.role().hasProvider()).toList();
    return providers.size() > 1 ? Optional.of(providers.get(0)) : Optional.empty();
  }

  /** The idempotency key makes the second one the same turn. */
  private String curl(Member gateway) {
    return "  curl -N " + gateway.url() + "/chat/stream -H 'Content-Type: application/json'" + keyOption
        + " -H 'Idempotency-Key: " + key + "' \\\n       -d " + BODY;
  }
}
