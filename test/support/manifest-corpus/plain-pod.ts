/** A plain pod, to which the lines of the corpus are added. */
export const POD = `apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: web
    image: example.com/web:1
`;
