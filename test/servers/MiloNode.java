// An OPC UA server for tests: user mw, password mw-secret; None and Basic256Sha256.
// java MiloNode PORT [PAD [COUNTER_ID]]
import java.security.*; import java.security.cert.X509Certificate; import java.util.*; import java.util.concurrent.*;
import org.eclipse.milo.opcua.sdk.server.*; import org.eclipse.milo.opcua.sdk.server.identity.*; import org.eclipse.milo.opcua.sdk.server.items.*; import org.eclipse.milo.opcua.sdk.server.nodes.*; import org.eclipse.milo.opcua.sdk.server.util.SubscriptionModel; import org.eclipse.milo.opcua.sdk.core.*;
import org.eclipse.milo.opcua.stack.core.*; import org.eclipse.milo.opcua.stack.core.security.*; import org.eclipse.milo.opcua.stack.core.transport.TransportProfile; import org.eclipse.milo.opcua.stack.core.types.builtin.*; import org.eclipse.milo.opcua.stack.core.types.enumerated.*; import org.eclipse.milo.opcua.stack.core.types.structured.*; import org.eclipse.milo.opcua.stack.core.util.*;
import org.eclipse.milo.opcua.stack.transport.server.tcp.*;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;
public class MiloNode {
  static class Ns extends ManagedNamespaceWithLifecycle {
    final SubscriptionModel sm;
    final String counterId;
    Ns(OpcUaServer s, String counterId) { super(s, "urn:mw:plant"); this.counterId = counterId; sm = new SubscriptionModel(s, this); getLifecycleManager().addLifecycle(sm); getLifecycleManager().addStartupTask(this::fill); }
    UaVariableNode var(UaFolderNode f, String id, String n, NodeId type, Variant v, boolean w) {
      UaVariableNode x = UaVariableNode.build(getNodeContext(), b -> { b.setNodeId(newNodeId(id)); b.setBrowseName(newQualifiedName(n)); b.setDisplayName(LocalizedText.english(n)); b.setDataType(type); b.setTypeDefinition(NodeIds.BaseDataVariableType);
        b.setAccessLevel(w ? AccessLevel.READ_WRITE : AccessLevel.READ_ONLY); b.setUserAccessLevel(w ? AccessLevel.READ_WRITE : AccessLevel.READ_ONLY); b.setMinimumSamplingInterval(0.0); return b.build(); });
      x.setValue(new DataValue(v)); getNodeManager().addNode(x); f.addOrganizes(x); return x; }
    void fill() {
      UaFolderNode f = new UaFolderNode(getNodeContext(), newNodeId("plant"), newQualifiedName("plant"), LocalizedText.english("plant")); getNodeManager().addNode(f);
      f.addReference(new Reference(f.getNodeId(), NodeIds.Organizes, NodeIds.ObjectsFolder.expanded(), false));
      UaVariableNode c = var(f, counterId, "counter", NodeIds.UInt32, new Variant(uint(0)), false); var(f, "setpoint", "setpoint", NodeIds.Double, new Variant(1.5), true);
      UaVariableNode v = var(f, "vib", "vib", NodeIds.XVType, new Variant(null), false);
      int[] i = {0}; ScheduledExecutorService ex = Executors.newSingleThreadScheduledExecutor(r -> { Thread t = new Thread(r); t.setDaemon(true); return t; });
      ex.scheduleAtFixedRate(() -> { try { i[0]++; c.setValue(new DataValue(new Variant(uint(i[0])))); if (i[0] % 10 == 0) v.setValue(new DataValue(new Variant(ExtensionObject.encode(getServer().getStaticEncodingContext(), new XVType((double) i[0], i[0] * 0.5f))))); } catch (Throwable e) { e.printStackTrace(); } }, 10, 10, TimeUnit.MILLISECONDS);
    }
    public void onDataItemsCreated(List<DataItem> l) { sm.onDataItemsCreated(l); } public void onDataItemsModified(List<DataItem> l) { sm.onDataItemsModified(l); } public void onDataItemsDeleted(List<DataItem> l) { sm.onDataItemsDeleted(l); } public void onMonitoringModeChanged(List<MonitoredItem> l) { sm.onMonitoringModeChanged(l); }
  }
  public static void main(String[] a) throws Exception {
    int port = Integer.parseInt(a[0]); int pad = a.length > 1 ? Integer.parseInt(a[1]) : 0; String uri = "urn:mw:test:milo";
    Security.addProvider(new org.bouncycastle.jce.provider.BouncyCastleProvider());
    CertificateQuarantine q = new MemoryCertificateQuarantine();
    CertificateFactory fac = new RsaSha256CertificateFactory() {
      protected KeyPair createRsaSha256KeyPair() throws NoSuchAlgorithmException { return SelfSignedCertificateGenerator.generateRsaKeyPair(2048); }
      protected X509Certificate[] createRsaSha256CertificateChain(KeyPair kp) throws Exception { return new X509Certificate[]{ new SelfSignedCertificateBuilder(kp).setCommonName("mw milo").setApplicationUri(uri).addDnsName("localhost").addIpAddress("127.0.0.1").build() }; } };
    CertificateValidator acceptAll = (chain, u, h) -> { };
    DefaultApplicationGroup g = DefaultApplicationGroup.createAndInitialize(new MemoryTrustListManager(), new MemoryCertificateStore(), fac, acceptAll);
    X509Certificate cert = g.getCertificateChain(NodeIds.RsaSha256ApplicationCertificateType).get()[0];
    Set<EndpointConfig> eps = new LinkedHashSet<>();
    for (SecurityPolicy p : new SecurityPolicy[]{ SecurityPolicy.None, SecurityPolicy.Basic256Sha256 })
      eps.add(EndpointConfig.newBuilder().setBindAddress("127.0.0.1").setHostname("127.0.0.1").setBindPort(port).setPath("/mw").setCertificate(cert).addTokenPolicies(OpcUaServerConfig.USER_TOKEN_POLICY_USERNAME).setSecurityPolicy(p)
        .setSecurityMode(p == SecurityPolicy.None ? MessageSecurityMode.None : MessageSecurityMode.SignAndEncrypt).setTransportProfile(TransportProfile.TCP_UASC_UABINARY).build());
    OpcUaServer s = new OpcUaServer(OpcUaServerConfig.builder().setApplicationUri(uri).setApplicationName(LocalizedText.english("mw")).setProductUri(uri).setEndpoints(eps).setCertificateManager(new DefaultCertificateManager(q, g))
      .setIdentityValidator(new UsernameIdentityValidator(ch -> ch.getUsername().equals("mw") && ch.getPassword().equals("mw-secret"))).build(), p -> new OpcTcpServerTransport(OpcTcpServerTransportConfig.newBuilder().build()));
    for (int i = 0; i < pad; i++) s.getNamespaceTable().add("urn:pad:" + i);
    Ns ns = new Ns(s, a.length > 2 ? a[2] : "counter"); ns.startup(); s.startup().get(); System.out.println("READY ns=" + ns.getNamespaceIndex());
    Runtime.getRuntime().addShutdownHook(new Thread(() -> { try { s.shutdown().get(2, TimeUnit.SECONDS); } catch (Exception e) { } })); Thread.sleep(Long.MAX_VALUE);
  }
}
